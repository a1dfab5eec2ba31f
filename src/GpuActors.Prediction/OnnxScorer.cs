using Microsoft.ML.OnnxRuntime;

namespace GpuActors.Prediction;

/// <summary>
/// A loaded ONNX model that scores batches of feature rows. The model must have one float input of shape <c>[rows, features]</c>; its last
/// float output is used as the score, as written by converters of tree ensembles. Thread-safe, as ONNX Runtime sessions are.
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
    /// <param name="model">Content of the file.</param>
    /// <param name="threads">Maximum number of threads per call, at least 1. The default of 1 leaves the other cores to stream
    /// processing.</param>
    /// <exception cref="InvalidDataException">The bytes are not a valid ONNX model, or its inputs and outputs do not have the required
    /// form.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is less than 1.</exception>
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
            throw new InvalidDataException($"The {model.Length} bytes are not a valid ONNX model: {e.Message}", e);
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

    /// <summary>Scores feature rows that are stored one after the other.</summary>
    /// <param name="rows">Features of all rows. NaN means missing, if the model supports missing values.</param>
    /// <returns>The values of the model's score output, row by row.</returns>
    /// <exception cref="ArgumentException">The length is not a multiple of <see cref="FeatureCount"/>.</exception>
    public float[] Score(float[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Length % FeatureCount != 0)
        {
            throw new ArgumentException(
                $"rows.Length = {rows.Length}: it must be a multiple of the number of features, {FeatureCount}",
                nameof(rows)
            );
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
                $"The model has {session.InputMetadata.Count} inputs ({string.Join(", ", session.InputMetadata.Keys)}): it must have "
                    + "exactly one, of shape [rows, features]"
            );
        }

        var (name, meta) = session.InputMetadata.Single();
        if (meta.ElementType != typeof(float) || meta.Dimensions is not [_, > 0 and var features])
        {
            throw new InvalidDataException(
                $"Input '{name}' is {meta.ElementType} [{string.Join(", ", meta.Dimensions)}]: it must be float [rows, features] with a "
                    + "fixed number of features"
            );
        }

        return (name, features);
    }

    private static string LastFloatOutput(InferenceSession session) =>
        session.OutputMetadata.LastOrDefault(o => o.Value.IsTensor && o.Value.ElementType == typeof(float)).Key
        ?? throw new InvalidDataException(
            $"The model has no output of type float tensor (outputs: {string.Join(", ", session.OutputMetadata.Keys)}): convert it "
                + "without ZipMap"
        );
}
