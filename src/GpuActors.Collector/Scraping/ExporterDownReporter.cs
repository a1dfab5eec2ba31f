using System.Text;
using GpuActors.Collector.Common;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Scraping;

/// <summary>
/// Reports into the log topic that an exporter is down, once per outage and GPU, for the GPUs of its last page. A host that refuses the
/// connection or answers with an error is alive, so only its exporter is down. A host that does not answer at all is not reported.
/// </summary>
internal sealed class ExporterDownReporter(CollectorContext context)
{
    private readonly List<(GpuIdentity Gpu, GpuInfo Info)> _gpus = [];
    private bool _reported;

    /// <summary>The exporter has answered with a page.</summary>
    public void Up(ReadOnlySpan<GpuSample> samples)
    {
        _reported = false;
        _gpus.Clear();
        foreach (var sample in samples)
        {
            _gpus.Add((sample.Gpu, sample.Info));
        }
    }

    /// <summary>The exporter is down.</summary>
    /// <param name="reason">Text for the record's message.</param>
    public void Down(string reason)
    {
        if (_reported)
        {
            return;
        }

        _reported = true;
        var now = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (gpu, info) in _gpus)
        {
            var line = new KernelLogEvent(gpu.Id, KernelLogKind.ExporterDown, 0, now, info.Host, info.PciBusId, reason);
            // A record that finds the queue full is dropped: the alert on the absent GPU then lacks this cause.
            _ = context.Producer.TryProduce(
                new OutgoingRecord(context.LogTopic, Encoding.ASCII.GetBytes(gpu.Id.Value), KernelLogCodec.Encode(line)),
                (_, _, _) => { }
            );
        }
    }
}
