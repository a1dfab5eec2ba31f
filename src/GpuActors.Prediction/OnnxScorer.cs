using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace GpuActors.Prediction;

/// <summary>
/// A loaded ONNX model that scores batches of feature rows. The model must have one float input of shape <c>[rows, features]</c>; its last
/// float output is used as the score, as written by converters of tree ensembles; an output <c>margin</c> is what the score was computed
/// from. Thread-safe, as ONNX Runtime sessions are.
/// </summary>
public sealed class OnnxScorer : IDisposable
{
    private const string MarginOutput = "margin";
    private const string NamesKey = "feature_names";
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string _output;

    private OnnxScorer(InferenceSession session, string input, string output, int featureCount)
    {
        _session = session;
        _input = input;
        _output = output;
        FeatureCount = featureCount;
        Metadata = session.ModelMetadata.CustomMetadataMap;
        ScoresPerRow = session.OutputMetadata[output].Dimensions is [_, > 0 and var columns] ? columns : 1;
        FeatureNames = Names(Metadata, featureCount);
        HasMargin = output != MarginOutput && IsFloat(session, MarginOutput);
    }

    /// <summary>Number of features in a row.</summary>
    public int FeatureCount { get; }

    /// <summary>Names of the features in their order, from the metadata <c>feature_names</c> (a JSON list); empty if the model has
    /// none.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Texts that the model carries.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Name of the output that is the score.</summary>
    public string ScoreOutput => _output;

    /// <summary>Number of scores per row, as the model declares it; 1 if it does not.</summary>
    public int ScoresPerRow { get; }

    /// <summary>Whether the model has an output <c>margin</c> besides its score.</summary>
    public bool HasMargin { get; }

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
    /// <exception cref="InvalidDataException">A score is NaN; the message says the row.</exception>
    public float[] Score(float[] rows) => Run(rows, _output)[0];

    /// <summary>Like <see cref="Score"/>, with the margins of a model that <see cref="HasMargin"/>; otherwise they are null.</summary>
    /// <param name="rows">Features of all rows.</param>
    public (float[]? Margins, float[] Scores) ScoreWithMargins(float[] rows)
    {
        if (!HasMargin)
        {
            return (null, Score(rows));
        }

        var results = Run(rows, MarginOutput, _output);
        return (results[0], results[1]);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private float[][] Run(float[] rows, params string[] outputs)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Length % FeatureCount != 0)
        {
            throw new ArgumentException(
                $"rows.Length = {rows.Length}: it must be a multiple of the number of features, {FeatureCount}",
                nameof(rows)
            );
        }

        var count = rows.Length / FeatureCount;
        if (count == 0)
        {
            return [.. outputs.Select(_ => Array.Empty<float>())];
        }

        using var tensor = OrtValue.CreateTensorValueFromMemory(rows, [count, FeatureCount]);
        using var run = new RunOptions();
        using var results = _session.Run(run, [_input], [tensor], outputs);
        return [.. outputs.Select((name, i) => Checked(name, results[i].GetTensorDataAsSpan<float>().ToArray(), count))];
    }

    private static float[] Checked(string output, float[] values, int rows)
    {
        if (values.Length == 0 || values.Length % rows != 0)
        {
            throw new InvalidDataException(
                $"Output '{output}' has {values.Length} values for {rows} rows: it must have the same number per row"
            );
        }

        var bad = Array.FindIndex(values, float.IsNaN);
        return bad < 0
            ? values
            : throw new InvalidDataException(
                $"Output '{output}' of row {bad / (values.Length / rows)} is NaN: the model cannot score this row, perhaps because it does "
                    + "not support missing values"
            );
    }

    private static string[] Names(IReadOnlyDictionary<string, string> metadata, int features)
    {
        if (!metadata.TryGetValue(NamesKey, out var json))
        {
            return [];
        }

        string[]? names;
        try
        {
            names = JsonSerializer.Deserialize<string[]>(json);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The metadata '{NamesKey}' is no JSON list of texts: {e.Message}", e);
        }

        return names?.Length == features
            ? names
            : throw new InvalidDataException($"The metadata '{NamesKey}' has {names?.Length ?? 0} names for {features} features");
    }

    private static bool IsFloat(InferenceSession session, string output) =>
        session.OutputMetadata.TryGetValue(output, out var meta) && meta.IsTensor && meta.ElementType == typeof(float);

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
