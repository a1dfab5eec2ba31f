using GpuActors.Core.Alerts;
using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

/// <summary>
/// Everything that is known of one GPU: a pure function of the log prefix it has seen. Samples and kernel log lines go in, alert
/// transitions come out; time is their own. The rules are in the other files of this class, by what they look at. Not thread-safe: the
/// GPU's actor owns it.
/// </summary>
public sealed partial class GpuState
{
    private const int LongGapsInARow = 3;

    private readonly GpuId _gpu;
    private readonly double[] _values = new double[MetricCatalog.Count];
    private readonly MetricWindows _windows = new();
    private readonly CounterIncreases _increases = new();
    private readonly Condition[] _conditions = new Condition[RuleCatalog.Count];

    // Sorted, so that transitions come in the same order after a restart.
    private readonly SortedDictionary<CodeKey, AlertTracker> _codes = [];
    private readonly XidLedger _ledger = new();
    private readonly Queue<(long TimeMs, int Pages)> _newDbePages = new();
    private Watermarks _seen;
    private GpuInfo _info = GpuInfo.Unknown;
    private long _timeMs;
    private long _appendMs;
    private long _bootMs = long.MinValue / 2;
    private long _minute;
    private long _samples;
    private double _intervalMs = double.NaN;
    private int _longGaps;
    private long _heardSinceMs;
    private double _xid = double.NaN;
    private BitWindow? _swThermalWindow,
        _powerCapWindow;
    private MinuteOfLinks _links;

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

    /// <summary>The XIDs seen so far.</summary>
    public XidLedger Xids => _ledger;

    /// <summary>Time of the newest sample, Unix milliseconds; 0 before the first.</summary>
    public long TimeMs => _timeMs;

    /// <summary>Host, index, model and driver, as the newest sample says.</summary>
    public GpuInfo Info => _info;

    /// <summary>What the GPU has to tell its host after the last sample: at the first, and then once a minute; null otherwise.</summary>
    public HostReport? Report { get; private set; }

    /// <summary>How often the GPU is usually heard, in milliseconds; NaN when unknown.</summary>
    public double IntervalMs => _intervalMs;

    /// <summary>When the newest record was appended, Unix milliseconds; 0 before the first.</summary>
    public long LastHeardMs => _appendMs;

    /// <summary>Since when it has been heard without becoming absent, Unix milliseconds; 0 before the first record.</summary>
    public long HeardSinceMs => _heardSinceMs;

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

        Report = null;
        _samples++;
        _info = sample.Info;
        LearnInterval(sample);
        _heardSinceMs =
            _samples == 1 || sample.AppendTimeMs - _appendMs > rules.Absence.LimitMs(_intervalMs) ? sample.AppendTimeMs : _heardSinceMs;
        _appendMs = Math.Max(_appendMs, sample.AppendTimeMs);
        AddToWindows(sample);
        if (sample.TimeMs < _timeMs)
        {
            return true; // Late: history takes it, but it says nothing of now. Nor do its counters: it can't be told from a reload.
        }

        _increases.Take(sample.Values);
        if (_increases.DriverReloaded)
        {
            _bootMs = sample.TimeMs;
        }

        _windows.Add(Metric.EccSbeVolatile, sample.TimeMs, _increases[Metric.EccSbeVolatile]);
        _windows.Add(Metric.PcieReplayCounter, sample.TimeMs, _increases[Metric.PcieReplayCounter]);
        var elapsedMs = _timeMs == 0 ? 0 : sample.TimeMs - _timeMs;
        _timeMs = sample.TimeMs;
        sample.Values.CopyTo(_values);
        Judge(new Judgement(sample.TimeMs, sample.AppendTimeMs, rules, transitions), sample, elapsedMs);
        return true;
    }

    /// <summary>What an operator sees.</summary>
    public GpuStatus Status(RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var open = OpenAlerts(rules).ToList();
        var health =
            open.Count == 0 ? GpuHealth.Healthy
            : open.Any(a => a.Severity == AlertSeverity.Critical) ? GpuHealth.Critical
            : GpuHealth.Warning;
        var metrics = MetricCatalog
            .All.Where(m => !double.IsNaN(_values[(int)m.Metric]))
            .ToDictionary(m => m.Name, m => _values[(int)m.Metric]);
        return new GpuStatus(_gpu, _info, health, _timeMs, _samples, metrics, open) { Xids = [.. _ledger.Records] };
    }

    // A moving average that follows a changed interval within some ten samples; gaps over ten times as long are outages, not
    // intervals, unless three come in a row: then somebody has changed the interval.
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
            _longGaps = 0;
        }
        else if (++_longGaps == LongGapsInARow)
        {
            _intervalMs = interval;
            _longGaps = 0;
        }
    }

    private void AddToWindows(GpuSample sample)
    {
        foreach (var metric in MetricWindows.WindowedGauges)
        {
            _windows.Add(metric, sample.TimeMs, sample[metric]);
        }
    }

    private readonly record struct Judgement(long TimeMs, long AppendMs, RuleSettings Rules, List<AlertTransition> Transitions);
}
