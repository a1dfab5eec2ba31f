using System.Text.Json;
using GpuActors.Learning.Trees;

namespace GpuActors.Learning.Onnx;

/// <summary>Writes one ensemble as an ONNX model of its own.</summary>
public static class TreeModel
{
    /// <summary>Name of the input: float <c>[rows, features]</c>, NaN is missing.</summary>
    public const string Features = "features";

    /// <summary>Name of the first output: float <c>[rows, targets]</c>, the sums of the trees.</summary>
    public const string Margin = "margin";

    /// <summary>Name of the last output: float <c>[rows, targets]</c>, the margins after the link.</summary>
    public const string Prediction = "prediction";

    /// <summary>Key of the metadata with the names of the features, as a JSON list.</summary>
    public const string FeatureNames = "feature_names";

    /// <summary>Writes the model.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="scaler">A scaler that becomes the first step of the graph; null for none.</param>
    /// <returns>Content of an <c>.onnx</c> file.</returns>
    /// <exception cref="InvalidDataException">The scaler has another number of features.</exception>
    public static byte[] Write(TreeEnsemble ensemble, FeatureScaler? scaler = null)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        if (scaler is not null && scaler.Means.Length != ensemble.FeatureCount)
        {
            throw new InvalidDataException(
                $"The scaler has {scaler.Means.Length} features and the model {ensemble.FeatureCount}: give the scaler of its training"
            );
        }

        var graph = new OnnxGraphBuilder("trees");
        var features = graph.Input(Features, ensemble.FeatureCount);
        var margins = graph.Margins(scaler is null ? features : graph.Scale(features, scaler), ensemble);
        graph.Output(Margin, margins, ensemble.Targets);
        graph.Output(Prediction, graph.Predictions(margins, ensemble.Link, ensemble.LinkScale), ensemble.Targets);
        if (ensemble.FeatureNames.Length > 0)
        {
            graph.Metadata(FeatureNames, JsonSerializer.Serialize(ensemble.FeatureNames));
        }

        return graph.Build();
    }
}
