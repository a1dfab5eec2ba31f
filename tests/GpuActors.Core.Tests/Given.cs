using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests;

/// <summary>Samples to start from.</summary>
internal static class Given
{
    public const string Gpu = "GPU-265c9814-6156-355b-e589-ff2064894f16";

    /// <summary>2026-11-23T12:00:00Z.</summary>
    public const long NoonMs = 1_795_435_200_000;

    public static GpuInfo Info { get; } = new("node-0017", 3, "00000000:5d:00.0", "NVIDIA H100 80GB HBM3", "550.127.08");

    /// <summary>A sample of <see cref="Gpu"/> at <see cref="NoonMs"/>.</summary>
    public static GpuSample Sample(GpuRegistry registry, params ReadOnlySpan<(Metric Metric, double Value)> values)
    {
        var sample = new GpuSample
        {
            Gpu = registry.Intern(GpuId.Parse(Gpu)),
            Info = Info,
            TimeMs = NoonMs,
        };
        foreach (var (metric, value) in values)
        {
            sample[metric] = value;
        }

        return sample;
    }

    /// <summary>An alert of <see cref="Gpu"/> that opened at <see cref="NoonMs"/>.</summary>
    public static AlertTransition Alert(string id = "a1", string rule = "power_brake") =>
        new()
        {
            AlertId = id,
            Seq = 1,
            State = AlertState.Firing,
            Severity = AlertSeverity.Critical,
            Rule = rule,
            Gpu = GpuId.Parse(Gpu),
            Summary = "Power brake slowdown",
            Value = 3,
            Threshold = 3,
            OpenedAtMs = NoonMs,
            SourceTimeMs = NoonMs,
            IngestedAtMs = NoonMs,
            DetectedAtMs = NoonMs,
            Action = "check-power",
            Runbook = "#power-brake",
            Info = Info,
        };

    /// <summary>
    /// Plausible samples: any metric present or missing, any value that the catalogue allows, in every form that exporters print.
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
