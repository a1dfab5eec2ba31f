using System.Globalization;
using System.Text;

namespace GpuActors.Core.Features;

/// <summary>Generates the table of all features from the catalogue. A test checks that the file equals the generated text.</summary>
public static class FeatureDocument
{
    /// <summary>Path of the table in the repository.</summary>
    public const string Path = "deploy/features/README.md";

    /// <summary>Generates the table.</summary>
    public static string ReadMe()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Features

            What the models of failure see of a GPU, generated from `src/GpuActors.Core/Features/FeatureCatalog.cs`: change the catalogue
            instead. Version {FeatureCatalog.Version}, fingerprint `{FeatureCatalog.Fingerprint}`; a model names both and is refused by
            another set.

            Features look back on complete hours; an hour without a sample is missing, and missing hours are passed over. A feature is null
            (NaN) where all that it is computed from is missing: the exporter does not report the metric, or the GPU is too young.
            Trends are lines by least squares; a p-value is that of a two-sided t-test of the slope. All values are float32.

            | feature | unit | window | definition |
            |---|---|---|---|

            """
        );
        foreach (var feature in FeatureCatalog.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{feature.Name}` | {feature.Unit} | {feature.Window} | {feature.Definition} |\n");
        }

        return text.ToString();
    }
}
