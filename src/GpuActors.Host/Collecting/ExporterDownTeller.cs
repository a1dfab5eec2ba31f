using System.Text;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Host.Collecting;

/// <summary>
/// Says into <c>gpu-logs</c>, for each GPU that an exporter showed last, that it is the exporter that is down: its host refuses the
/// connection or answers with an error, so it is alive. A host that does not answer at all says nothing of the kind. Told once each time it
/// goes down.
/// </summary>
internal sealed class ExporterDownTeller(string topic, CollectorContext context)
{
    private readonly List<(GpuIdentity Gpu, GpuInfo Info)> _shown = [];
    private bool _told;

    /// <summary>The exporter has answered with a page.</summary>
    public void Up(ReadOnlySpan<GpuSample> samples)
    {
        _told = false;
        _shown.Clear();
        foreach (var sample in samples)
        {
            _shown.Add((sample.Gpu, sample.Info));
        }
    }

    /// <summary>The exporter is down, for this reason.</summary>
    public void Down(string reason)
    {
        if (_told)
        {
            return;
        }

        _told = true;
        var now = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (gpu, info) in _shown)
        {
            var line = new KernelLogEvent(gpu.Id, KernelLogKind.ExporterDown, 0, now, info.Host, info.PciBusId, reason);
            // One that finds no room is left out: the alert then only knows less of why the GPU is absent.
            _ = context.Producer.TryProduce(
                new OutgoingRecord(topic, Encoding.ASCII.GetBytes(gpu.Id.Value), KernelLogCodec.Encode(line)),
                (_, _, _) => { }
            );
        }
    }
}
