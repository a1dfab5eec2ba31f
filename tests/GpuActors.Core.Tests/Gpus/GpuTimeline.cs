using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>
/// One GPU's life, second by second. Most of them show one metric: the rule on missing fields is off unless a test sets rules of its own.
/// </summary>
internal sealed class GpuTimeline(RuleSettings? rules = null)
{
    private static readonly GpuRegistry Registry = new();
    private long _offset;
    private long _logOffset;

    public RuleSettings Rules { get; } = rules ?? new RuleSettings().With(RuleCatalog.FieldMissing, new() { Enabled = false });

    public GpuState State { get; set; } = new(GpuId.Parse(Given.Gpu));

    public GpuInfo Info { get; init; } = Given.Info;

    public List<AlertTransition> Transitions { get; } = [];

    /// <summary>What happened, as "second rule state".</summary>
    public IEnumerable<string> Story =>
        Transitions.Select(t =>
            $"{(t.SourceTimeMs - Given.NoonMs) / 1000.0:0.###} {t.Rule} {(t.State == AlertState.Firing ? "firing" : "resolved")}"
        );

    /// <summary>A sample at a second; it is appended 5 ms later unless told.</summary>
    public bool At(double second, params ReadOnlySpan<(Metric Metric, double Value)> values) => At(second, second + 0.005, values);

    public bool At(double second, double appendSecond, params ReadOnlySpan<(Metric Metric, double Value)> values) =>
        At(second, appendSecond, null, values);

    /// <summary>A sample that has more than metrics.</summary>
    public bool At(double second, Action<GpuSample> more, params ReadOnlySpan<(Metric Metric, double Value)> values) =>
        At(second, second + 0.005, more, values);

    private bool At(double second, double appendSecond, Action<GpuSample>? more, ReadOnlySpan<(Metric Metric, double Value)> values)
    {
        var sample = Given.Sample(Registry, values);
        sample.Info = Info;
        more?.Invoke(sample);
        sample.TimeMs = Given.NoonMs + (long)(second * 1000);
        sample.AppendTimeMs = Given.NoonMs + (long)(appendSecond * 1000);
        sample.Offset = _offset++;
        return State.Apply(sample, Rules, Transitions);
    }

    /// <summary>One metric's values, one a second from second 0; NaN is a sample without it.</summary>
    public GpuTimeline Run(Metric metric, params IEnumerable<double> values)
    {
        var second = 0;
        foreach (var value in values)
        {
            _ = At(second++, (metric, value), (Metric.GpuTemp, 60));
        }

        return this;
    }

    /// <summary>A line of the kernel log at a second; it is appended 5 ms later.</summary>
    public void Log(double second, KernelLogKind kind, int code)
    {
        var at = Given.NoonMs + (long)(second * 1000);
        var line = new KernelLogEvent(GpuId.Parse(Given.Gpu), kind, code, at, "node-0017", "00000000:5d:00.0", "a line");
        _ = State.Apply(line, 1, _logOffset++, at + 5, Rules, Transitions);
    }

    /// <summary>Checks at a second of the log whether the GPU is absent.</summary>
    public void Look(double second, Rule? cause = null) =>
        State.CheckAbsence(Given.NoonMs + (long)(second * 1000), cause ?? RuleCatalog.GpuAbsent, Rules, Transitions);
}
