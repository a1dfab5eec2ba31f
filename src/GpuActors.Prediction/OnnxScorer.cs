using Microsoft.ML.OnnxRuntime;

namespace GpuActors.Prediction;

/// <summary>
/// A loaded ONNX model that scores batches of feature rows. It wants one float input of shape <c>[rows, features]</c> and takes the
/// model's last float output as the score, which is what tree-ensemble exporters write. Thread-safe: ONNX Runtime sessions may be shared.
/// </summary>
public sealed class OnnxScorer : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string _output;

    private OnnxScorer(InferenceSession session, string input, string output, int featureCount)
    {
        _session = session;
        _input = input;
        _output = output;
        FeatureCount = featureCount;
    }

    /// <summary>Number of features in a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Loads a model from the bytes of an <c>.onnx</c> file.</summary>
    /// <param name="model">The file's content.</param>
    /// <param name="threads">Threads that one call may use; 1 leaves the other cores to the stream.</param>
    /// <exception cref="InvalidDataException">The bytes are no ONNX model, or its inputs and outputs are not of the form above.</exception>
    public static OnnxScorer Load(byte[] model, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        InferenceSession session;
        try
        {
            session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"Not a usable ONNX model ({model.Length} bytes): {e.Message}", e);
        }

        try
        {
            var (input, features) = SingleInput(session);
            return new OnnxScorer(session, input, LastFloatOutput(session), features);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Scores rows laid out one after the other.</summary>
    /// <param name="rows">Features of all rows; NaN marks a missing one where the model knows missing values.</param>
    /// <returns>The values of the model's score output, row by row.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of <see cref="FeatureCount"/>.</exception>
    public float[] Score(float[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Length % FeatureCount != 0)
        {
            throw new ArgumentException($"{rows.Length} values are no whole rows of {FeatureCount} features", nameof(rows));
        }

        if (rows.Length == 0)
        {
            return [];
        }

        using var tensor = OrtValue.CreateTensorValueFromMemory(rows, [rows.Length / FeatureCount, FeatureCount]);
        using var run = new RunOptions();
        using var results = _session.Run(run, [_input], [tensor], [_output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static (string Name, int Features) SingleInput(InferenceSession session)
    {
        if (session.InputMetadata.Count != 1)
        {
            throw new InvalidDataException(
                $"The model has {session.InputMetadata.Count} inputs ({string.Join(", ", session.InputMetadata.Keys)}); one of shape [rows, features] is wanted"
            );
        }

        var (name, meta) = session.InputMetadata.Single();
        if (meta.ElementType != typeof(float) || meta.Dimensions is not [_, > 0 and var features])
        {
            throw new InvalidDataException(
                $"Input '{name}' is {meta.ElementType} [{string.Join(", ", meta.Dimensions)}]; float [rows, features] with a fixed number of features is wanted"
            );
        }

        return (name, features);
    }

    private static string LastFloatOutput(InferenceSession session) =>
        session.OutputMetadata.LastOrDefault(o => o.Value.IsTensor && o.Value.ElementType == typeof(float)).Key
        ?? throw new InvalidDataException(
            $"The model has no float tensor output (outputs: {string.Join(", ", session.OutputMetadata.Keys)}); convert it without ZipMap"
        );
}
