using System.Collections.Immutable;
using System.Text.Json;

namespace GpuActors.Learning.Onnx;

/// <summary>
/// The scaler of a pipeline (scikit-learn's <c>StandardScaler</c>): scaled = (feature - mean) / deviation, computed in float64 and rounded
/// to float32, as the pipeline does before the model reads it. A missing feature stays missing.
/// </summary>
public sealed record FeatureScaler
{
    /// <summary>Creates a scaler.</summary>
    /// <param name="means">What is subtracted from each feature, finite.</param>
    /// <param name="deviations">What each difference is divided by, finite and not 0.</param>
    /// <exception cref="InvalidDataException">The lengths differ or a value is not allowed.</exception>
    public FeatureScaler(ImmutableArray<double> means, ImmutableArray<double> deviations)
    {
        if (means.Length != deviations.Length || means.Length == 0)
        {
            throw new InvalidDataException(
                $"{means.Length} means and {deviations.Length} deviations: there must be one of each per feature"
            );
        }

        for (var i = 0; i < means.Length; i++)
        {
            if (!double.IsFinite(means[i]) || !double.IsFinite(deviations[i]) || deviations[i] == 0)
            {
                throw new InvalidDataException(
                    $"feature {i}: mean {means[i]}, deviation {deviations[i]}: both must be finite and the deviation must not be 0 "
                        + "(StandardScaler writes 1 for a constant feature)"
                );
            }
        }

        Means = means;
        Deviations = deviations;
    }

    /// <summary>What is subtracted from each feature.</summary>
    public ImmutableArray<double> Means { get; }

    /// <summary>What each difference is divided by.</summary>
    public ImmutableArray<double> Deviations { get; }

    /// <summary>Reads <c>{"mean": [...], "scale": [...]}</c>: the attributes <c>mean_</c> and <c>scale_</c> of a
    /// <c>StandardScaler</c>. The names <c>means</c>, <c>mean_</c>, <c>deviations</c>, <c>std</c> and <c>scale_</c> are read too.</summary>
    /// <param name="json">Content of the file.</param>
    /// <exception cref="InvalidDataException">The text is not such an object; the message says what is wrong.</exception>
    public static FeatureScaler Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            return new FeatureScaler(
                Numbers(document.RootElement, "mean", "means", "mean_"),
                Numbers(document.RootElement, "scale", "deviations", "std", "scale_")
            );
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The scaler is not valid JSON: {e.Message}", e);
        }
    }

    private static ImmutableArray<double> Numbers(JsonElement root, params string[] names)
    {
        if (root.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in names)
            {
                if (root.TryGetProperty(name, out var list))
                {
                    return list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Number)
                        ? [.. list.EnumerateArray().Select(e => e.GetDouble())]
                        : throw new InvalidDataException($"The member '{name}' of the scaler must be a list of numbers");
                }
            }
        }

        throw new InvalidDataException(
            $"The scaler has no member '{names[0]}': it must be a JSON object with the lists 'mean' and 'scale' of the StandardScaler"
        );
    }
}
