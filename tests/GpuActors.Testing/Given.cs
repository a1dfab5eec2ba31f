using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Testing;

/// <summary>Samples and alerts that tests start from and change.</summary>
public static class Given
{
    /// <summary>The GPU that samples and alerts belong to unless a test chooses another.</summary>
    public const string Gpu = "GPU-265c9814-6156-355b-e589-ff2064894f16";

    /// <summary>2026-11-23T12:00:00Z in Unix milliseconds, the time of samples and alerts unless a test chooses another.</summary>
    public const long NoonMs = 1_795_435_200_000;

    /// <summary>Host, index, PCI bus id, model and driver of <see cref="Gpu"/>.</summary>
    public static GpuInfo Info { get; } = new("node-0017", 3, "00000000:5d:00.0", "NVIDIA H100 80GB HBM3", "550.127.08");

    /// <summary>A sample of <see cref="Gpu"/> at <see cref="NoonMs"/> with these metrics; the others are missing.</summary>
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
            AlertId = AlertId.Parse(id),
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
            Labels = AlertLabels.Of(Info),
        };
}
