using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;

namespace GpuActors.Core.Gpus;

/// <summary>
/// Everything that is known of one GPU: a pure function of the log prefix it has seen. Samples go in, alert transitions come out; time is
/// the samples' own. Not thread-safe: the GPU's actor owns it.
/// </summary>
public sealed partial class GpuState
{
    private readonly GpuId _gpu;
    private readonly double[] _values = new double[MetricCatalog.Count];
    private readonly MetricWindows _windows = new();
    private readonly SortedDictionary<int, AlertTracker> _xids = []; // Sorted, so that transitions come in the same order after a restart.
    private Watermarks _seen;
    private GpuInfo _info = GpuInfo.Unknown;
    private long _timeMs;
    private long _appendMs;
    private long _samples;
    private double _intervalMs = double.NaN;
    private double _sbeBaseline = double.NaN, _dbeBaseline = double.NaN, _replayBaseline = double.NaN;
    private double _xid = double.NaN;
    private ulong _thermalBits, _brakeBits;
    private int _maskSamples;
    private bool _dbeOpen;
    private BitWindow? _swThermalWindow;
    private AlertTracker _hwThermal, _powerBrake, _swThermal, _eccDbe, _eccSbe, _silent;

    /// <summary>A GPU of which nothing has been seen.</summary>
    public GpuState(GpuId gpu)
    {
        _gpu = gpu;
        Array.Fill(_values, double.NaN);
    }

    /// <summary>Samples applied so far.</summary>
    public long Samples => _samples;

    /// <summary>Rolling statistics.</summary>
    public MetricWindows Windows => _windows;

    /// <summary>Time of the newest sample, Unix milliseconds; 0 before the first.</summary>
    public long TimeMs => _timeMs;

    /// <summary>Applies a sample, and appends the transitions it causes.</summary>
    /// <returns>False when the sample's offset had been seen: a replay changes nothing.</returns>
    public bool Apply(GpuSample sample, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        if (!_seen.Advance(sample.Partition, sample.Offset))
        {
            return false;
        }

        _samples++;
        _info = sample.Info;
        LearnInterval(sample);
        _appendMs = Math.Max(_appendMs, sample.AppendTimeMs);
        AddToWindows(sample);
        if (sample.TimeMs < _timeMs)
        {
            return true; // Late: history takes it, but it says nothing of now.
        }

        _timeMs = sample.TimeMs;
        sample.Values.CopyTo(_values);
        Judge(new Judgement(sample.TimeMs, sample.AppendTimeMs, transitions), rules);
        return true;
    }

    /// <summary>Judges whether the GPU has fallen silent.</summary>
    /// <param name="nowMs">Log time: append time of the newest records of the log, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transition, if there is one.</param>
    public void CheckSilence(long nowMs, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        var rule = rules.GpuSilent;
        if (!rule.Enabled || _samples == 0 || _silent.IsFiring || nowMs - _appendMs < SilenceLimitMs(rule))
        {
            return;
        }

        // The opening time follows from the log alone, not from when somebody looked.
        var openedAt = _timeMs + (long)SilenceLimitMs(rule);
        if (_silent.Step(true, openedAt, TimeSpan.Zero, TimeSpan.Zero) == AlertTracker.Change.Fired)
        {
            var seconds = (nowMs - _appendMs) / 1000.0;
            transitions.Add(Transition(_silent, AlertState.Firing, rule, RuleIds.GpuSilent, "", new Judgement(openedAt, nowMs, transitions), rule.Severity, rule.Action,
                FormattableString.Invariant($"No sample for {seconds:0.#} s from {Where()}{Usual()}"), seconds, SilenceLimitMs(rule) / 1000));
        }
    }

    /// <summary>What an operator sees.</summary>
    public GpuStatus Status(RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var open = OpenAlerts(rules).ToList();
        var health = open.Count == 0 ? GpuHealth.Healthy : open.Any(a => a.Severity == AlertSeverity.Critical) ? GpuHealth.Critical : GpuHealth.Warning;
        var metrics = MetricCatalog.All.Where(m => !double.IsNaN(_values[(int)m.Metric])).ToDictionary(m => m.Name, m => _values[(int)m.Metric]);
        return new GpuStatus(_gpu, _info, health, _timeMs, _samples, metrics, open);
    }

    private string Usual() => double.IsNaN(_intervalMs) ? "" : FormattableString.Invariant($"; one every {_intervalMs / 1000:0.#} s is usual");

    private double SilenceLimitMs(SilenceRuleSettings rule)
    {
        var limit = double.IsNaN(_intervalMs) ? rule.MaxSilence.TotalMilliseconds : rule.Intervals * _intervalMs;
        return Math.Clamp(limit, rule.MinSilence.TotalMilliseconds, rule.MaxSilence.TotalMilliseconds);
    }

    // A moving average that follows a changed interval within some ten samples; gaps over ten times as long are outages, not intervals.
    // The longer of the two clocks counts: a collector that catches up appends many samples at once, and one that skips scrapes, or whose
    // GPU clock runs on its own, is heard less often than its sample times say.
    private void LearnInterval(GpuSample sample)
    {
        if (_samples == 1 || sample.TimeMs <= _timeMs)
        {
            return;
        }

        var interval = Math.Max(sample.TimeMs - _timeMs, sample.AppendTimeMs - _appendMs);
        if (double.IsNaN(_intervalMs))
        {
            _intervalMs = interval;
        }
        else if (interval < 10 * _intervalMs)
        {
            _intervalMs += (interval - _intervalMs) / 8;
        }
    }

    private void AddToWindows(GpuSample sample)
    {
        foreach (var metric in MetricWindows.Windowed)
        {
            var value = metric switch
            {
                Metric.EccSbeVolatile => Increase(ref _sbeBaseline, sample[metric], sample.TimeMs),
                Metric.PcieReplayCounter => Increase(ref _replayBaseline, sample[metric], sample.TimeMs),
                _ => sample[metric],
            };
            _windows.Add(metric, sample.TimeMs, value);
        }
    }

    // The first value is a baseline; a smaller one means a driver reload and is the next baseline. A late sample can't be told from a reload.
    private double Increase(ref double baseline, double value, long timeMs)
    {
        if (double.IsNaN(value) || timeMs < _timeMs)
        {
            return double.NaN;
        }

        var increase = value >= baseline ? value - baseline : double.NaN;
        baseline = value;
        return increase;
    }

    private readonly record struct Judgement(long TimeMs, long AppendMs, List<AlertTransition> Transitions);
}
