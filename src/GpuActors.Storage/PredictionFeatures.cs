using System.Text.Json;
using GpuActors.Core.Predictions;

namespace GpuActors.Storage;

/// <summary>Formats the value of the column <c>top_features</c>.</summary>
internal static class PredictionFeatures
{
    /// <summary>Gets the features of a prediction as JSON text; an empty array if there are none.</summary>
    public static string Json(FailurePrediction prediction) =>
        prediction.TopFeatures.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? "[]" : StorableText.Of(prediction.TopFeatures);
}
