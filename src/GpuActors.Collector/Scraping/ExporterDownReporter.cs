using System.Text;
using GpuActors.Collector.Common;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Scraping;

/// <summary>
/// Reports into the log topic that an exporter is down: about the exporter after a few failures and then again and again, and about the
/// GPUs of its last page once per outage. A host that refuses the connection or answers with an error is alive, so only its exporter is
/// down. A host that does not answer at all is not reported.
/// </summary>
/// <param name="target">The exporter's page.</param>
/// <param name="context">Producer and clock.</param>
/// <param name="hasFallenOff">Whether the kernel log says that a GPU has fallen off the bus; null without a kernel log.</param>
internal sealed class ExporterDownReporter(Uri target, CollectorContext context, Func<GpuId, bool>? hasFallenOff)
{
    // An exporter that restarts within seconds is no fault.
    private const int MinFailures = 2;
    private static readonly TimeSpan MinOutage = TimeSpan.FromSeconds(3);

    // The alert becomes critical, and follows a kernel log, at one of these.
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(5);

    private readonly GpuId _exporter = IdOf(target);
    private readonly List<(GpuIdentity Gpu, GpuInfo Info)> _gpus = [];
    private int _failures;
    private long _downSince;
    private long? _reportedAt;
    private bool _isKnownUp; // Of an earlier run of the collector there may be an open alert.

    /// <summary>The exporter has answered with a page.</summary>
    public void Up(ReadOnlySpan<GpuSample> samples)
    {
        (_failures, _reportedAt) = (0, null);
        _gpus.Clear();
        foreach (var sample in samples)
        {
            _gpus.Add((sample.Gpu, sample.Info));
        }

        _isKnownUp = _isKnownUp || Produce(_exporter, KernelLogKind.ExporterUp, 0, GpuInfo.Unknown, "");
    }

    /// <summary>The exporter is down.</summary>
    /// <param name="reason">The status of its answer, for a person.</param>
    public void Down(string reason)
    {
        if (_failures++ == 0)
        {
            _downSince = context.Time.GetTimestamp();
            foreach (var (gpu, info) in _gpus)
            {
                // A record that finds the queue full is dropped: an alert on the absent GPU then lacks this cause.
                _ = Produce(gpu.Id, KernelLogKind.ExporterDown, 0, info, reason);
            }
        }

        if (
            _failures < MinFailures
            || context.Time.GetElapsedTime(_downSince) < MinOutage
            || (_reportedAt is { } before && context.Time.GetElapsedTime(before) < Repeat)
        )
        {
            return;
        }

        var fallen = _gpus.Find(known => hasFallenOff?.Invoke(known.Gpu.Id) == true);
        var said = fallen.Gpu is null ? reason : $"{reason}; {fallen.Gpu} at {fallen.Info.PciBusId} has fallen off the bus";
        if (Produce(_exporter, KernelLogKind.ExporterDown, fallen.Gpu is null ? 0 : 79, GpuInfo.Unknown, said))
        {
            (_isKnownUp, _reportedAt) = (false, context.Time.GetTimestamp());
        }
    }

    private bool Produce(GpuId about, KernelLogKind kind, int code, GpuInfo info, string reason)
    {
        var host = _gpus.Count > 0 ? _gpus[0].Info.Host : "";
        var now = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var line = new KernelLogEvent(about, kind, code, now, host.Length > 0 ? host : target.Host, info.PciBusId, reason)
        {
            Index = info.Index,
            Model = info.Model,
            Driver = info.Driver,
        };
        return context.Producer.TryProduce(
            new OutgoingRecord(context.LogTopic, Encoding.ASCII.GetBytes(about.Value), KernelLogCodec.Encode(line)),
            (_, _, _) => { }
        );
    }

    // With a path that is too long, or has characters that no id may have, the address alone.
    private static GpuId IdOf(Uri target)
    {
        var address = $"{KernelLogEvent.ExporterPrefix}{target.IdnHost}:{target.Port}";
        return GpuId.TryParse(address + target.AbsolutePath, out var id)
            ? id
            : GpuId.Parse(address[..Math.Min(address.Length, GpuId.MaxLength)]);
    }
}
