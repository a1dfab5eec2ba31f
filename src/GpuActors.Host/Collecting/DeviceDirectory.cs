using GpuActors.Core.Samples;

namespace GpuActors.Host.Collecting;

/// <summary>
/// Which GPU sits where, as the scrapes of this collector have shown it: kernel logs name devices by PCI bus id, everything else by UUID.
/// Thread-safe.
/// </summary>
/// <param name="targets">Number of exporters that are scraped.</param>
/// <param name="host">Host that the kernel log is of; empty when nobody said.</param>
/// <param name="machine">Name of this machine.</param>
internal sealed class DeviceDirectory(int targets, string host, string machine)
{
    // A board that was replaced shows another UUID at its place. Two that take turns are two hosts under one name: neither may be blamed.
    private const long ReplacedAfterMs = 10 * 60_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, Place>> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<int> _answered = [];

    /// <summary>Takes what a page showed.</summary>
    /// <param name="target">Number of the exporter.</param>
    /// <param name="samples">Its samples.</param>
    /// <param name="nowMs">Now, Unix milliseconds.</param>
    public void See(int target, ReadOnlySpan<GpuSample> samples, long nowMs)
    {
        lock (_gate)
        {
            // A page that names no GPU does not say either whose it is.
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

    /// <summary>The host of a line, as exporters name it; null while that can't be told.</summary>
    /// <param name="named">Host that the line names; empty when it names none.</param>
    public string? HostOf(string named)
    {
        lock (_gate)
        {
            return Known(named) ?? (host.Length > 0 ? Known(host) : Known(machine) ?? Only());
        }
    }

    /// <summary>The GPU at a place; null when none was seen there, or more than one.</summary>
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

    private string? Known(string name) => name.Length > 0 && _hosts.ContainsKey(name) ? name : null;

    // An exporter that has not answered yet may be that of another host.
    private string? Only() => _hosts.Count == 1 && _answered.Count == targets ? _hosts.Keys.First() : null;

    private readonly record struct Place(GpuIdentity? Gpu, long SeenMs, long? OtherSeenMs);
}
