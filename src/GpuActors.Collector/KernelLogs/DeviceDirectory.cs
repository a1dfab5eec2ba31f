using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Maps hosts and PCI bus ids to GPUs, as learned from the scrapes of this collector: kernel logs name a device by its PCI bus id, all
/// other sources by its UUID. Thread-safe.
/// </summary>
/// <param name="targets">Number of exporters that are scraped.</param>
/// <param name="host">Host of the kernel log; empty when not configured.</param>
/// <param name="machine">Host name of this machine.</param>
internal sealed class DeviceDirectory(int targets, string host, string machine)
{
    // A replaced board shows another UUID at its bus id. Two UUIDs that alternate are two hosts with one name: neither is returned.
    private const long ReplacedAfterMs = 10 * 60_000;

    // An exporter stops answering within minutes of the fall of a GPU.
    private const long FellLatelyMs = 60 * 60_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, Place>> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<int> _answered = [];
    private readonly Dictionary<GpuId, long> _fallen = [];

    /// <summary>Learns the GPUs of a page.</summary>
    /// <param name="target">Position of the exporter among the targets.</param>
    /// <param name="samples">The page's samples.</param>
    /// <param name="nowMs">Current time, Unix milliseconds.</param>
    public void Learn(int target, ReadOnlySpan<GpuSample> samples, long nowMs)
    {
        lock (_gate)
        {
            // A page without GPUs does not show which host it belongs to.
            _ = !samples.IsEmpty && _answered.Add(target);
            foreach (var sample in samples)
            {
                if (!_hosts.TryGetValue(sample.Info.Host, out var places))
                {
                    _hosts[sample.Info.Host] = places = new Dictionary<string, Place>(StringComparer.Ordinal);
                }

                if (sample.Info.PciBusId.Length == 0)
                {
                    continue;
                }

                var known = places.GetValueOrDefault(sample.Info.PciBusId);
                places[sample.Info.PciBusId] =
                    known.Gpu == sample.Gpu
                        ? known with
                        {
                            SeenMs = nowMs,
                        }
                        : new Place(sample.Gpu, nowMs, known.Gpu is null ? null : known.SeenMs);
            }
        }
    }

    /// <summary>The host of a line, as exporters name it; null while it cannot be determined.</summary>
    /// <param name="named">Host in the line; empty when the line names none.</param>
    public string? HostOf(string named)
    {
        lock (_gate)
        {
            return Known(named) ?? (host.Length > 0 ? Known(host) : Known(machine) ?? Only());
        }
    }

    /// <summary>The GPU at a PCI bus id; null when none was seen there, or more than one.</summary>
    /// <param name="ofHost">Host, as exporters name it.</param>
    /// <param name="pciBusId">PCI bus id in DCGM's form, lower case.</param>
    public GpuIdentity? Find(string ofHost, string pciBusId)
    {
        lock (_gate)
        {
            return
                _hosts.TryGetValue(ofHost, out var places)
                && places.TryGetValue(pciBusId, out var place)
                && (place.OtherSeenMs is not { } other || place.SeenMs - other > ReplacedAfterMs)
                ? place.Gpu
                : null;
        }
    }

    /// <summary>The kernel log says that a GPU has fallen off the bus.</summary>
    public void Fell(GpuId gpu, long nowMs)
    {
        lock (_gate)
        {
            _fallen[gpu] = nowMs;
        }
    }

    /// <summary>Whether a GPU has fallen off the bus within the last hour.</summary>
    public bool HasFallen(GpuId gpu, long nowMs)
    {
        lock (_gate)
        {
            return _fallen.TryGetValue(gpu, out var fellMs) && nowMs - fellMs <= FellLatelyMs;
        }
    }

    private string? Known(string name) => name.Length > 0 && _hosts.ContainsKey(name) ? name : null;

    // An exporter that has not answered yet may belong to another host.
    private string? Only() => _hosts.Count == 1 && _answered.Count == targets ? _hosts.Keys.First() : null;

    private readonly record struct Place(GpuIdentity? Gpu, long SeenMs, long? OtherSeenMs);
}
