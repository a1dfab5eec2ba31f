using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Predictions;

/// <summary>
/// What a model says of one GPU at one time: the record of <c>gpu-predictions</c> and the row of <c>gpu_failure_predictions</c>. GPU and
/// time are its key.
/// </summary>
public sealed record FailurePrediction
{
    /// <summary>The GPU.</summary>
    [JsonPropertyName("gpu")]
    public required GpuId Gpu { get; init; }

    /// <summary>Time that the features describe, Unix milliseconds; RFC 3339 in UTC on the wire.</summary>
    [JsonPropertyName("prediction_time")]
    public required long PredictionTimeMs { get; init; }

    /// <summary>Probability of a failure within 7 days, 0 to 1.</summary>
    [JsonPropertyName("failure_probability_7d")]
    public required double FailureProbability7d { get; init; }

    /// <summary>Probability of a failure within 30 days, 0 to 1.</summary>
    [JsonPropertyName("failure_probability_30d")]
    public required double FailureProbability30d { get; init; }

    /// <summary>Probability of a failure within 90 days, 0 to 1.</summary>
    [JsonPropertyName("failure_probability_90d")]
    public required double FailureProbability90d { get; init; }

    /// <summary>Version of the model that said it.</summary>
    [JsonPropertyName("model_version")]
    public required string ModelVersion { get; init; }

    /// <summary>Kind of failure that is likeliest; null when the model tells none.</summary>
    [JsonPropertyName("predicted_failure_type")]
    public string? PredictedFailureType { get; init; }

    /// <summary>How sure the model is, 0 to 1; null when it does not say.</summary>
    [JsonPropertyName("confidence")]
    public double? Confidence { get; init; }

    /// <summary>Days until the failure; null when the model does not say.</summary>
    [JsonPropertyName("time_to_failure_days")]
    public double? TimeToFailureDays { get; init; }

    /// <summary>What weighed most, a JSON array as the model's explainer writes it; undefined for nothing.</summary>
    [JsonPropertyName("top_features")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement TopFeatures { get; init; }
}
