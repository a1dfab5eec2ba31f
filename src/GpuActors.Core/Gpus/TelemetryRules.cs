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

    /// <summary>Whether the GPU has not been heard for too long, and no alert says so yet.</summary>
    public bool IsAbsent(long nowMs, long samples, GpuAlerts alerts, RuleSettings rules)
    {
        if (samples < rules.Absence.MinSamples || LastHeardMs == 0 || nowMs - LastHeardMs < rules.Absence.LimitMs(IntervalMs))
        {
            return false;
        }

        foreach (var rule in RuleCatalog.Absence)
        {
            if (alerts.Of(rule).Tracker.IsFiring)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Opens the alert of a GPU that <see cref="IsAbsent"/>, once its rule's hold is over.</summary>
    public void EvaluateAbsence(in Evaluation now, Rule cause)
    {
        var settings = now.Rules.Of(cause);
        var nowMs = now.AppendMs;
        var limitMs = now.Rules.Absence.LimitMs(IntervalMs) + settings.Hold.TotalMilliseconds;
        if (!IsAbsent(nowMs, now.Gpu.Samples, now.Alerts, now.Rules) || nowMs - LastHeardMs < limitMs)
        {
            return;
        }

        // The opening time follows from the log alone, not from the time of the check. The hold is over by then.
        var opening = now with
        {
            TimeMs = now.Gpu.TimeMs + (long)limitMs,
        };
        var flap = now.Rules.Of(RuleCatalog.Flapping);
        var change = now.Alerts.Of(cause).Step(true, opening.TimeMs, settings with { Hold = TimeSpan.Zero }, flap, inBootGrace: false);
        if (GpuAlerts.StateOf(change) is { } state)
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
        : cause == RuleCatalog.ExporterDown ? "; its exporter can't be scraped"
        : "";
}
