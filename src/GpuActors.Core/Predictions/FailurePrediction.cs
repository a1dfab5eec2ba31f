using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Predictions;

/// <summary>
/// A prediction of a model for one GPU at one time: a record of <c>gpu-predictions</c> and a row of <c>gpu_failure_predictions</c>. GPU and
/// time are its key.
/// </summary>
public sealed record FailurePrediction
{
    /// <summary>The GPU.</summary>
    [JsonPropertyName("gpu")]
    public required GpuId Gpu { get; init; }

    /// <summary>Time of the features, in Unix milliseconds; RFC 3339 in UTC on the wire.</summary>
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

    /// <summary>Version of the model.</summary>
    [JsonPropertyName("model_version")]
    public required string ModelVersion { get; init; }

    /// <summary>The most likely kind of failure; null if the model does not predict it.</summary>
    [JsonPropertyName("predicted_failure_type")]
    public string? PredictedFailureType { get; init; }

    /// <summary>Confidence of the model, 0 to 1; null if the model does not report it.</summary>
    [JsonPropertyName("confidence")]
    public double? Confidence { get; init; }

    /// <summary>Predicted time to the failure, in days; null if the model does not predict it.</summary>
    [JsonPropertyName("time_to_failure_days")]
    public double? TimeToFailureDays { get; init; }

    /// <summary>
    /// The features with the largest influence, as a JSON array in the format of the model's explainer; undefined if unknown.
    /// </summary>
    [JsonPropertyName("top_features")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement TopFeatures { get; init; }
}
