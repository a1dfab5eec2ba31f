using GpuActors.Learning.Training;
using GpuActors.Learning.Trees;

namespace GpuActors.Learning.Reports;

/// <summary>The importance of features by gain.</summary>
public static class FeatureImportance
{
    /// <summary>Gets the features that the splits of a model read, by part, the most important first.</summary>
    /// <param name="model">The model.</param>
    /// <returns>By part the features with their share of the loss that all splits have saved, 0 to 1.</returns>
    public static IReadOnlyList<IReadOnlyList<(string Feature, double Share)>> Of(HorizonModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var result = new List<IReadOnlyList<(string, double)>>();
        foreach (var part in model.Parts)
        {
            var nodes = LightGbmText.Read(part.Save()).Trees.SelectMany(tree => tree.Nodes).Where(n => !n.IsLeaf && n.Gain > 0).ToList();
            var sum = nodes.Sum(n => n.Gain);
            result.Add([
                .. nodes
                    .GroupBy(n => n.Feature)
                    .Select(g => (model.Features[g.Key], g.Sum(n => n.Gain) / sum))
                    .OrderByDescending(f => f.Item2),
            ]);
        }

        return result;
    }
}
