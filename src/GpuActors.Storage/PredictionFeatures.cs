using System.Text.Json;
using GpuActors.Core.Predictions;

namespace GpuActors.Storage;

/// <summary>The column <c>top_features</c>.</summary>
internal static class PredictionFeatures
{
    /// <summary>A JSON array; an empty one for nothing.</summary>
    public static string Json(FailurePrediction prediction) =>
        prediction.TopFeatures.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "[]" : prediction.TopFeatures.GetRawText();
}
