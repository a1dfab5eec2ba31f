using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Gpus;

/// <summary>Rules on the telemetry itself: whether samples come, and whether what they say can be relied on.</summary>
internal sealed class TelemetryRules
{
    private const int LongGapsInARow = 3;

    private static readonly MetricDefinition[] Required =
    [
        .. MetricCatalog.All.Where(metric => metric is { Required: true, OnlyWhenNonZero: false }),
    ];

    private int _longGaps;

    /// <summary>How often the GPU is usually heard, in milliseconds; NaN when unknown.</summary>
    public double IntervalMs { get; private set; } = double.NaN;

    /// <summary>When the newest record was appended, Unix milliseconds; 0 before the first.</summary>
    public long LastHeardMs { get; private set; }

    /// <summary>Since when the GPU has been heard without becoming absent, Unix milliseconds; 0 before the first record.</summary>
    public long HeardSinceMs { get; private set; }

    /// <summary>Whether the collector has reported, since the newest sample, that the exporter is down while its host answers.</summary>
    public bool ExporterIsDown { get; set; }

    /// <summary>Takes the times of a sample, before the readings take its values.</summary>
    /// <param name="sample">The sample, which may be late.</param>
    /// <param name="newestMs">Time of the newest sample before this one.</param>
    /// <param name="isFirst">Whether it is the first of the GPU.</param>
    /// <param name="absence">When a GPU counts as absent.</param>
    public void Hear(GpuSample sample, long newestMs, bool isFirst, AbsenceSettings absence)
    {
        if (!isFirst && sample.TimeMs > newestMs)
        {
            // The longer of the two clocks counts: a collector that catches up appends many samples at once, and one that skips scrapes is
            // heard less often than its sample times say.
            LearnInterval(Math.Max(sample.TimeMs - newestMs, sample.AppendTimeMs - LastHeardMs));
        }

        if (isFirst || sample.AppendTimeMs - LastHeardMs > absence.LimitMs(IntervalMs))
        {
            HeardSinceMs = sample.AppendTimeMs;
        }

        LastHeardMs = Math.Max(LastHeardMs, sample.AppendTimeMs);
    }

    /// <summary>Resolves the alert of a GPU that was absent: a sample has come.</summary>
    public void EvaluateReturn(in Evaluation now)
    {
        ExporterIsDown = false;
        foreach (var rule in RuleCatalog.Absence)
        {
            if (now.Update(rule, false) is { } state)
            {
                now.Add(rule, state, 0, double.NaN, $"");
            }
        }
    }

    /// <summary>Takes over what is known of the time before the first sample.</summary>
    public void Recover(TelemetryRules older)
    {
        IntervalMs = double.IsNaN(IntervalMs) ? older.IntervalMs : IntervalMs;
        LastHeardMs = Math.Max(LastHeardMs, older.LastHeardMs);
        HeardSinceMs = HeardSinceMs == 0 ? older.HeardSinceMs : HeardSinceMs;
    }

    /// <summary>
    /// Time without records after which the GPU is absent, in milliseconds; infinite when its absence is no fault, or when an alert says
    /// already that the GPU is lost.
    /// </summary>
    public double LimitMs(long samples, GpuAlerts alerts, RuleSettings rules) =>
        samples < rules.Absence.MinSamples || LastHeardMs == 0 || alerts.Of(RuleCatalog.GpuLost).Tracker.IsFiring
            ? double.PositiveInfinity
            : rules.Absence.LimitMs(IntervalMs);

    /// <summary>Whether the GPU has not been heard for too long, and no alert says yet that it is lost.</summary>
    public bool IsAbsent(long nowMs, long samples, GpuAlerts alerts, RuleSettings rules) =>
        nowMs - LastHeardMs >= LimitMs(samples, alerts, rules);

    /// <summary>
    /// Opens the alert of a GPU that <see cref="IsAbsent"/>, once its rule's hold is over. An alert of another cause is open when that
    /// cause was the likely one before: that the GPU alone is lost is known only when its host reports again, and then replaces it.
    /// </summary>
    public void EvaluateAbsence(in Evaluation now, Rule cause)
    {
        var settings = now.Rules.Of(cause);
        var nowMs = now.AppendMs;
        var limitMs = LimitMs(now.Gpu.Samples, now.Alerts, now.Rules) + settings.Hold.TotalMilliseconds;
        var known = OpenAbsence(now.Alerts);
        if (
            cause.Input != RuleInput.Absence
            || nowMs - LastHeardMs < limitMs
            || !settings.Enabled
            || (known is not null && cause != RuleCatalog.GpuLost)
        )
        {
            return;
        }

        // The opening time follows from the log alone, not from the time of the check, and the latency counts from there.
        var silentMs = known is null ? (long)limitMs : nowMs - LastHeardMs;
        var opening = now with { TimeMs = now.Gpu.TimeMs + silentMs, AppendMs = LastHeardMs + silentMs };
        if (known is not null && Step(opening, known, false) is { } closed)
        {
            opening.Add(known, closed, 0, double.NaN, $"");
        }

        if (Step(opening, cause, true) is { } state)
        {
            var seconds = (nowMs - LastHeardMs) / 1000.0;
            opening.Add(cause, state, seconds, limitMs / 1000, $"No sample for {seconds:0.#} s from {now.Where}{Usual()}{Reason(cause)}");
        }
    }

    /// <summary>Evaluates the values of the newest sample.</summary>
    public static void Evaluate(in Evaluation now)
    {
        EvaluateEnergyCounter(now);
        EvaluateRequiredMetrics(now);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(IntervalMs);
        writer.Write7BitEncodedInt(_longGaps);
        writer.Write(LastHeardMs);
        writer.Write(HeardSinceMs);
        writer.Write(ExporterIsDown);
    }

    public void Load(BinaryReader reader)
    {
        IntervalMs = reader.ReadDouble();
        _longGaps = reader.Read7BitEncodedInt();
        LastHeardMs = reader.ReadInt64();
        HeardSinceMs = reader.ReadInt64();
        ExporterIsDown = reader.ReadBoolean();
    }

    private static Rule? OpenAbsence(GpuAlerts alerts)
    {
        foreach (var rule in RuleCatalog.Absence)
        {
            if (alerts.Of(rule).Tracker.IsFiring)
            {
                return rule;
            }
        }

        return null;
    }

    // Without the rule's delays: what they wait for is over.
    private static AlertState? Step(in Evaluation now, Rule rule, bool holds)
    {
        var settings = now.Rules.Of(rule) with { Hold = TimeSpan.Zero, ClearDelay = TimeSpan.Zero };
        var flap = now.Rules.Of(RuleCatalog.Flapping);
        return GpuAlerts.StateOf(now.Alerts.Of(rule).Step(holds, now.TimeMs, settings, flap, inBootGrace: false));
    }

    // A moving average that follows a changed interval within some ten samples. A gap of ten intervals or more is an outage and no
    // interval, unless three come in a row: then the interval was changed.
    private void LearnInterval(long gapMs)
    {
        if (double.IsNaN(IntervalMs))
        {
            IntervalMs = gapMs;
        }
        else if (gapMs < 10 * IntervalMs)
        {
            IntervalMs += (gapMs - IntervalMs) / 8;
            _longGaps = 0;
        }
        else if (++_longGaps == LongGapsInARow)
        {
            IntervalMs = gapMs;
            _longGaps = 0;
        }
    }

    // The energy counter of a powered GPU always grows. The exporter of a hung driver serves its last values, with HTTP 200.
    private static void EvaluateEnergyCounter(in Evaluation now)
    {
        var increase = now.Increase(Metric.EnergyConsumption);
        if (
            !double.IsNaN(increase)
            && now.Update(RuleCatalog.TelemetryFrozen, increase == 0 && !(now.Value(Metric.PowerUsage) <= 0)) is { } state
        )
        {
            now.Add(
                RuleCatalog.TelemetryFrozen,
                state,
                now.Value(Metric.EnergyConsumption),
                double.NaN,
                $"The energy counter stands still while samples come from {now.Where}: the driver hangs, or the exporter serves old values"
            );
        }
    }

    private static void EvaluateRequiredMetrics(in Evaluation now)
    {
        var missing = 0;
        foreach (var metric in Required)
        {
            missing += double.IsNaN(now.Value(metric.Metric)) ? 1 : 0;
        }

        if (now.Update(RuleCatalog.FieldMissing, missing > 0) is { } state)
        {
            var gpu = now.Gpu;
            var names = string.Join(", ", Required.Where(metric => double.IsNaN(gpu[metric.Metric])).Select(metric => metric.Name));
            now.Add(
                RuleCatalog.FieldMissing,
                state,
                missing,
                0,
                $"No {names} from {now.Where}: alerts on them can't work; enable them in the exporter's counters file"
            );
        }
    }

    private string Usual() =>
        double.IsNaN(IntervalMs) ? "" : FormattableString.Invariant($"; one every {IntervalMs / 1000:0.#} s is usual");

    private static string Reason(Rule cause) =>
        cause == RuleCatalog.GpuLost ? "; its host still reports: it may have fallen off the bus"
        : cause == RuleCatalog.HostAbsent ? "; no GPU of its host is heard of"
        : "";
}
