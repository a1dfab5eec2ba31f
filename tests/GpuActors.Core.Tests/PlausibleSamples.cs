using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Tests;

/// <summary>Generated samples that the validator accepts.</summary>
internal static class PlausibleSamples
{
    /// <summary>
    /// One value per metric: any metric is present or missing (NaN), any value lies in the catalogue's range, in every form that exporters
    /// print.
    /// </summary>
    public static Arbitrary<double[]> Values { get; } =
        Arb.From(
            Gen.CollectToArray(MetricCatalog.All, Value),
            values =>
                values
                    .Select((v, i) => (v, i))
                    .Where(x => !double.IsNaN(x.v))
                    .Select(x => values.Select((v, i) => i == x.i ? double.NaN : v).ToArray())
        );

    private static Gen<double> Value(MetricDefinition metric) =>
        Gen.Frequency(
            (1, Gen.Constant(double.NaN)),
            (2, Gen.Constant(metric.Min)),
            (1, Gen.Constant(metric.Max)),
            (4, Gen.Choose(0, int.MaxValue).Select(n => Math.Floor(metric.Min + (n / (double)int.MaxValue * (metric.Max - metric.Min))))),
            (4, Gen.Choose(0, int.MaxValue).Select(n => metric.Min + (n / (double)int.MaxValue * (metric.Max - metric.Min))))
        );
}
