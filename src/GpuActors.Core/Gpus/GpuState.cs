using System.Text;
using GpuActors.Core.Alerts;
using GpuActors.Core.Features;
using GpuActors.Core.Hosts;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Predictions;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Windows;
using GpuActors.Core.Xids;

namespace GpuActors.Core.Gpus;

/// <summary>
/// The whole state of one GPU: a pure function of the log prefix it has seen. Samples and kernel log lines go in, alert transitions come
/// out; time is that of the samples. It consists of what the rules read, the alerts, and one object per family of rules, which has the
/// fields, the evaluation and the saved form of its family. Not thread-safe: the GPU's actor owns it.
/// </summary>
public sealed class GpuState
{
    private const byte SnapshotVersion = 1;
    private const long MinuteMs = 60_000,
        MinutesPerHour = 60;

    // Hours of the windows.
    private const long MostSlices = 168;

    private readonly GpuReadings _readings;
    private readonly MetricWindows _windows = new();
    private readonly GpuAlerts _alerts = new();
    private readonly TelemetryRules _telemetry = new();
    private readonly ClockRules _clocks = new();
    private readonly MemoryRules _memory = new();
    private readonly XidRules _xids = new();
    private readonly LinkRules _links = new();
    private ExporterRules? _exporter; // Of the state of an exporter; null in that of a GPU.
    private Watermarks _seenSamples;
    private Watermarks _seenLogs;
    private long _minute; // Of the newest sample, since 1970.

    /// <summary>A GPU of which nothing has been seen.</summary>
    public GpuState(GpuId gpu) => _readings = new GpuReadings(gpu);

    /// <summary>Samples applied so far.</summary>
    public long Samples => _readings.Samples;

    /// <summary>Rolling statistics.</summary>
    public MetricWindows Windows => _windows;

    /// <summary>The XIDs seen so far.</summary>
    public XidLedger Xids => _xids.Ledger;

    /// <summary>Time of the newest sample, Unix milliseconds; 0 before the first.</summary>
    public long TimeMs => _readings.TimeMs;

    /// <summary>Host, index, model and driver, as the newest sample says.</summary>
    public GpuInfo Info => _readings.Info;

    /// <summary>What the GPU reports to its host after the last sample: with the first, and then once a minute; otherwise null.</summary>
    public HostReport? Report { get; private set; }

    /// <summary>Tells the host that the GPU is there, without a measurement; null when its host is unknown.</summary>
    public HostReport? Presence => Info.Host.Length == 0 ? null : HostReport.Presence(Info.Host, _readings.Gpu, TimeMs);

    /// <summary>How often the clock of the samples has been set back since this state was made.</summary>
    public int ClockSteps => _readings.ClockSteps;

    /// <summary>Time of the last driver reload, Unix milliseconds; far in the past when none was seen.</summary>
    public long BootMs => _readings.BootMs;

    /// <summary>How often the GPU is usually heard, in milliseconds; NaN when unknown.</summary>
    public double IntervalMs => _telemetry.IntervalMs;

    /// <summary>When the newest record was appended, Unix milliseconds; 0 before the first.</summary>
    public long LastHeardMs => _telemetry.LastHeardMs;

    /// <summary>Since when the GPU has been heard without becoming absent, Unix milliseconds; 0 before the first record.</summary>
    public long HeardSinceMs => _telemetry.HeardSinceMs;

    /// <summary>Whether the collector has reported, since the newest sample, that the exporter is down while its host answers.</summary>
    public bool ExporterIsDown => _telemetry.ExporterIsDown;

    /// <summary>Applies a sample and adds the transitions that it causes.</summary>
    /// <returns>False when the sample's offset was seen before: a replay changes nothing.</returns>
    public bool Apply(GpuSample sample, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        if (!_seenSamples.Advance(sample.Partition, sample.Offset))
        {
            return false;
        }

        Report = null;
        _readings.Samples++;
        _readings.Info = sample.Info;
        _telemetry.Hear(sample, _readings.TimeMs, isFirst: _readings.Samples == 1, rules.Absence);
        foreach (var metric in MetricWindows.WindowedGauges)
        {
            _windows.Add(metric, sample.TimeMs, sample[metric]);
        }

        if (sample.TimeMs < _readings.TimeMs && !_readings.StepsBack(sample))
        {
            return true; // A late sample is history only: its counters can't be told from those after a driver reload.
        }

        _readings.Take(sample);
        AddIncrease(Metric.EccSbeVolatile);
        AddIncrease(Metric.PcieReplayCounter);
        LiveFeatures.Tally(_readings, _windows);
        Evaluate(At(sample.TimeMs, sample.AppendTimeMs, rules, transitions), sample);
        return true;
    }

    /// <summary>Applies a line of the kernel log and adds the transitions that it causes.</summary>
    /// <param name="line">The line.</param>
    /// <param name="partition">Partition of <c>gpu-logs</c> that it came from.</param>
    /// <param name="offset">Its offset there.</param>
    /// <param name="appendTimeMs">When Kafka appended it, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transitions.</param>
    /// <returns>False when the line's offset was seen before: a replay changes nothing.</returns>
    public bool Apply(
        KernelLogEvent line,
        int partition,
        long offset,
        long appendTimeMs,
        RuleSettings rules,
        List<AlertTransition> transitions
    )
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        if (!_seenLogs.Advance(partition, offset))
        {
            return false;
        }

        if (Samples == 0)
        {
            _readings.Info = line.Info;
        }

        if (line.Kind is KernelLogKind.ExporterDown or KernelLogKind.ExporterUp)
        {
            if (line.Gpu.Value.StartsWith(KernelLogEvent.ExporterPrefix, StringComparison.Ordinal))
            {
                (_exporter ??= new()).Evaluate(At(line.TimeMs, appendTimeMs, rules, transitions), line);
            }
            else
            {
                _telemetry.ExporterIsDown |= line.Kind == KernelLogKind.ExporterDown && line.TimeMs >= TimeMs;
            }
        }
        else
        {
            _xids.Evaluate(At(line.TimeMs, appendTimeMs, rules, transitions), line);
        }

        return true;
    }

    /// <summary>Applies what the host says of the GPU's NVLink traffic and adds the transition that it causes.</summary>
    public void Apply(PeerVerdict verdict, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        LinkRules.Evaluate(At(TimeMs, LastHeardMs, rules, transitions), verdict);
    }

    /// <summary>Applies what a model predicts of the GPU and adds the transition that it causes.</summary>
    public void Apply(FailureRisk risk, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(risk);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        PredictionRules.Evaluate(At(TimeMs, LastHeardMs, rules, transitions), risk);
    }

    /// <summary>
    /// Time without records after which the GPU is absent, in milliseconds; infinite when its absence is no fault, or when an alert says
    /// already that the GPU is lost.
    /// </summary>
    public double AbsenceLimitMs(RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return _telemetry.LimitMs(Samples, _alerts, rules);
    }

    /// <summary>Whether the GPU has not been heard for too long, and no alert says yet that it is lost.</summary>
    /// <param name="nowMs">Log time: append time of the newest records of the log, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    public bool IsAbsent(long nowMs, RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return _telemetry.IsAbsent(nowMs, Samples, _alerts, rules);
    }

    /// <summary>
    /// Opens the alert of a GPU that <see cref="IsAbsent"/>, or replaces one of another cause when the GPU turns out to be lost.
    /// </summary>
    /// <param name="nowMs">Log time: append time of the newest records of the log, Unix milliseconds.</param>
    /// <param name="cause">One of <see cref="RuleCatalog.Absence"/>, by what is known of the host, or <see
    /// cref="RuleCatalog.ExporterDown"/>, which is no alert of the GPU.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transitions.</param>
    public void CheckAbsence(long nowMs, Rule cause, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(cause);
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        _telemetry.EvaluateAbsence(At(TimeMs, nowMs, rules, transitions), cause);
    }

    /// <summary>
    /// Closes all open alerts, since the GPU has been taken out of the fleet. The state is not to be used any more: a GPU that speaks again
    /// is a new one.
    /// </summary>
    /// <param name="nowMs">Now, Unix milliseconds.</param>
    /// <param name="rules">Rules in force.</param>
    /// <param name="transitions">Takes the transitions.</param>
    public void Retire(long nowMs, RuleSettings rules, List<AlertTransition> transitions)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(transitions);
        var now = At(Math.Max(TimeMs, nowMs), nowMs, rules, transitions);
        _alerts.Retire(now);
        _xids.Retire(now);
        _exporter?.Retire(now);
    }

    /// <summary>
    /// Takes over what was published of this GPU after its state was saved. A replay evaluates the samples again, but not what was reported
    /// from outside (<see cref="Rule.IsReportedFromOutside"/>): without this, nothing would resolve such an alert. Other transitions are
    /// ignored. To be called in the order of publication.
    /// </summary>
    /// <param name="published">A transition of the alert topic.</param>
    public void Recall(AlertTransition published)
    {
        ArgumentNullException.ThrowIfNull(published);
        if (published.Gpu == _readings.Gpu && RuleCatalog.Find(published.Rule) is { IsReportedFromOutside: true } rule)
        {
            _alerts.Recall(rule, published);
        }
    }

    /// <summary>
    /// Takes over an open alert of a GPU whose saved state is not to be had. Without this nothing would resolve it, and its condition would
    /// open another one.
    /// </summary>
    /// <param name="open">The newest transition of the alert, which is firing.</param>
    public void RecallOpen(AlertTransition open)
    {
        ArgumentNullException.ThrowIfNull(open);
        if (open.Gpu != _readings.Gpu || RuleCatalog.Find(open.Rule) is not { } rule)
        {
            return;
        }

        if (rule.Input == RuleInput.ErrorCodes)
        {
            _xids.Recall(rule, open);
        }
        else if (rule.Input == RuleInput.Exporters)
        {
            (_exporter ??= new()).Recall(open);
        }
        else
        {
            _alerts.Recall(rule, open);
        }
    }

    /// <summary>
    /// Takes over what a saved state knows of the time before the first sample of this one: the windows, the XIDs, and how often the GPU is
    /// heard. Conditions that look at the last samples are newer here, and open alerts were recalled. The minute in which this state began
    /// holds the values of both.
    /// </summary>
    /// <param name="saved">The state of a checkpoint; it is not used any more afterwards.</param>
    public void Recover(GpuState saved)
    {
        ArgumentNullException.ThrowIfNull(saved);
        if (Samples == 0)
        {
            (_seenSamples, _minute) = (saved._seenSamples, saved._minute);
        }

        _readings.Recover(saved._readings);
        _windows.Recover(saved._windows);
        _telemetry.Recover(saved._telemetry);
        _xids.Ledger.Recover(saved.Xids);
    }

    /// <summary>Fills an input of features with what is known of the GPU, except for its asset facts, which are left unknown.</summary>
    /// <param name="input">Receives the values.</param>
    /// <param name="nowMs">
    /// Time of the features, Unix milliseconds: hours that end after it are left out, and what is newest is that of the last sample. To be
    /// called before a sample of a later hour is applied.
    /// </param>
    public void FillFeatures(FeatureInput input, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(input);
        LiveFeatures.Fill(input, nowMs, _readings, _windows, Xids);
    }

    /// <summary>What an operator sees: health, the newest values and the open alerts.</summary>
    public GpuStatus Status(RuleSettings rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        OpenAlert[] open =
        [
            .. _alerts.OpenAlerts(_readings, rules),
            .. _xids.OpenAlerts(_readings, rules),
            .. _exporter?.OpenAlerts(_readings, rules) ?? [],
        ];
        var health =
            open.Length == 0 ? GpuHealth.Healthy
            : open.Any(alert => alert.Severity == AlertSeverity.Critical) ? GpuHealth.Critical
            : GpuHealth.Warning;
        var metrics = MetricCatalog
            .All.Where(metric => !double.IsNaN(_readings[metric.Metric]))
            .ToDictionary(metric => metric.Name, metric => _readings[metric.Metric]);
        return new GpuStatus(_readings.Gpu, Info, health, TimeMs, Samples, metrics, open) { Xids = [.. Xids.Records] };
    }

    /// <summary>The whole state in compact binary: what <see cref="SaveOpen"/> writes, then all closed minutes and hours.</summary>
    public byte[] Save()
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        SaveOpen(writer);
        _ = _windows.SaveRows(writer, hours: false, all: true);
        _ = _windows.SaveRows(writer, hours: true, all: true);
        writer.Flush();
        return buffer.ToArray();
    }

    /// <summary>The state that <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The snapshot is of a version that this build does not read, or is damaged.</exception>
    public static GpuState Load(GpuId gpu, ReadOnlySpan<byte> snapshot)
    {
        using var reader = new BinaryReader(new MemoryStream(snapshot.ToArray()), Encoding.UTF8);
        var state = LoadOpen(gpu, snapshot.Length, reader);
        try
        {
            state._windows.LoadRows(reader, hours: false);
            state._windows.LoadRows(reader, hours: true);
            return state;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(gpu, snapshot.Length, e);
        }
    }

    /// <summary>The state without the closed minutes and hours of its windows, which a checkpoint saves apart.</summary>
    internal void SaveOpen(BinaryWriter writer)
    {
        // The same order as in Load.
        writer.Write(SnapshotVersion);
        _seenSamples.Save(writer);
        _seenLogs.Save(writer);
        writer.Write7BitEncodedInt64(_minute);
        _readings.Save(writer);
        _alerts.Save(writer);
        _telemetry.Save(writer);
        _clocks.Save(writer);
        _memory.Save(writer);
        _xids.Save(writer);
        _links.Save(writer);
        writer.Write(_exporter is not null);
        _exporter?.Save(writer);
        _windows.Save(writer);
    }

    /// <summary>Reads what <see cref="SaveOpen"/> wrote.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="length">Bytes of the snapshot, for errors.</param>
    /// <param name="reader">Where the snapshot begins.</param>
    /// <exception cref="InvalidDataException">The snapshot is of a version that this build does not read, or is damaged.</exception>
    internal static GpuState LoadOpen(GpuId gpu, int length, BinaryReader reader)
    {
        try
        {
            var version = reader.ReadByte();
            if (version != SnapshotVersion)
            {
                throw new InvalidDataException($"The snapshot of {gpu} has version {version}; this build reads {SnapshotVersion}");
            }

            var state = new GpuState(gpu);
            state.Load(reader);
            return state;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(gpu, length, e);
        }
    }

    /// <summary>Whether an error says that the bytes that were read are damaged.</summary>
    internal static bool IsDamage(Exception error) => error is IOException or FormatException or ArgumentException or OverflowException;

    private static InvalidDataException Damaged(GpuId gpu, int length, Exception error) =>
        new($"The snapshot of {gpu} ({length} bytes) is damaged: {error.Message}", error);

    private void Load(BinaryReader reader)
    {
        _seenSamples = Watermarks.Load(reader);
        _seenLogs = Watermarks.Load(reader);
        _minute = reader.Read7BitEncodedInt64();
        _readings.Load(reader);
        _alerts.Load(reader);
        _telemetry.Load(reader);
        _clocks.Load(reader);
        _memory.Load(reader);
        _xids.Load(reader);
        _links.Load(reader);
        if (reader.ReadBoolean())
        {
            _exporter = new();
            _exporter.Load(reader);
        }
        _windows.Load(reader);
    }

    // Nobody knows when within a gap errors came: they are spread over it, so that days without samples are not an hour of errors.
    private void AddIncrease(Metric counter)
    {
        var increase = _readings.Increases[counter];
        var slices = increase > 0 ? Math.Clamp(_readings.ElapsedMs / MinuteMs, 1, MostSlices) : 1;
        var before = 0.0;
        for (var slice = 1; slice < slices; slice++)
        {
            var upTo = Math.Floor(increase * slice / slices);
            var timeMs = _readings.TimeMs - _readings.ElapsedMs + (_readings.ElapsedMs * slice / slices);
            if (upTo > before)
            {
                _windows.Add(counter, timeMs, upTo - before);
            }

            before = upTo;
        }

        _windows.Add(counter, _readings.TimeMs, increase - before);
    }

    // A rule whose metric is missing waits: it counts the sample neither for nor against its condition.
    private void Evaluate(in Evaluation now, GpuSample sample)
    {
        _telemetry.EvaluateReturn(now);
        _clocks.Evaluate(now);
        HeatRules.Evaluate(now);
        _memory.Evaluate(now, _xids.Ledger);
        _xids.Evaluate(now, sample.XidCounts);
        _links.Evaluate(now);
        TelemetryRules.Evaluate(now);
        if (now.TimeMs / MinuteMs is var minute && minute != _minute)
        {
            EvaluateMinute(now, minute);
        }

        _links.Measure(_readings);
    }

    // Rules that look back over minutes, hours and days are evaluated once a minute, or once an hour.
    private void EvaluateMinute(in Evaluation now, long minute)
    {
        PowerRules.EvaluateMinute(now);
        _xids.EvaluateMinute(now);
        if (minute / MinutesPerHour != _minute / MinutesPerHour)
        {
            HeatRules.EvaluateHour(now);
        }

        // The first report of a GPU has no minute behind it: it only tells the host that the GPU is there.
        var isFirst = _minute == 0;
        var links = _links.EndMinute();
        Report =
            Info.Host.Length == 0 ? null
            : isFirst ? new HostReport(Info.Host, _readings.Gpu, minute, double.NaN, double.NaN)
            : new HostReport(Info.Host, _readings.Gpu, _minute, links.BytesPerSecond, links.TensorActive);
        _minute = minute;
    }

    private Evaluation At(long timeMs, long appendMs, RuleSettings rules, List<AlertTransition> transitions) =>
        new(_readings, _windows, _alerts, rules, timeMs, appendMs, transitions);
}
