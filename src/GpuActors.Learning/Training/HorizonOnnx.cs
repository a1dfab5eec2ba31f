using System.Text.Json;
using GpuActors.Learning.Onnx;
using GpuActors.Learning.Trees;

namespace GpuActors.Learning.Training;

/// <summary>
/// Writes a <see cref="HorizonModel"/> as one ONNX graph: the trees of each part, its calibration, and the product of survivals.
/// </summary>
public static class HorizonOnnx
{
    /// <summary>Key of the metadata with the lengths of the horizons in days, as a JSON list.</summary>
    public const string HorizonDays = "horizon_days";

    /// <summary>Writes the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="metadata">Further texts that the file carries.</param>
    /// <returns>Content of an <c>.onnx</c> file with the input <c>features</c> (float [rows, features], NaN is missing), the output
    /// <c>margin</c> (float [rows, 3]: the calibrated margin of each part) and the output <c>prediction</c> (float [rows, 3]: the
    /// probability of a failure within 7, 30 and 90 days, 0 to 1, ascending).</returns>
    public static byte[] Write(HorizonModel model, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var graph = new OnnxGraphBuilder("failure_horizons");
        var features = graph.Input(TreeModel.Features, model.Features.Count);
        var one = graph.Constant(1);
        var margins = new List<string>();
        var predictions = new List<string>();
        string? survival = null;
        for (var horizon = 0; horizon < model.Parts.Count; horizon++)
        {
            var calibration = model.Calibrations[horizon];
            var raw = graph.Margins(features, LightGbmText.Read(model.Parts[horizon].Save()));
            var margin = graph.Sum(graph.Mul(raw, graph.Constant((float)calibration.Slope)), graph.Constant((float)calibration.Intercept));
            var survived = graph.Sigmoid(graph.Mul(margin, graph.Constant(-1)));
            survival = survival is null ? survived : graph.Mul(survival, survived);
            margins.Add(margin);
            predictions.Add(graph.Sub(one, survival));
        }

        graph.Output(TreeModel.Margin, graph.Concat(margins), model.Parts.Count);
        graph.Output(TreeModel.Prediction, graph.Concat(predictions), model.Parts.Count);
        graph.Metadata(TreeModel.FeatureNames, JsonSerializer.Serialize(model.Features));
        graph.Metadata(HorizonDays, JsonSerializer.Serialize(Horizons.Days));
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            graph.Metadata(key, value);
        }

        return graph.Build();
    }
}
