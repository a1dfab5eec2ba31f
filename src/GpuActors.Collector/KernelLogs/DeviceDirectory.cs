using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Maps hosts and PCI bus ids to GPUs, as learned from the scrapes of this collector: kernel logs name a device by its PCI bus id, all
/// other sources by its UUID. Thread-safe.
/// </summary>
/// <param name="targets">The exporters that are scraped.</param>
/// <param name="host">Host of the kernel log; empty when not configured.</param>
/// <param name="machine">Host name of this machine.</param>
internal sealed class DeviceDirectory(IReadOnlyList<string> targets, string host, string machine)
{
    // A board that has gone for longer is not the one that a log names today.
    private const long ForgottenAfterMs = 30L * 24 * 60 * 60_000;

    // A replaced board shows another UUID at its bus id. Two UUIDs that alternate are two hosts with one name: neither is returned.
    private const long ReplacedAfterMs = 10 * 60_000;

    // An exporter stops answering within minutes of the fall of a GPU.
    private const long FellLatelyMs = 60 * 60_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, Place>> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<int> _answered = [];
    private readonly HashSet<string> _answeredHosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<GpuId, long> _fallen = [];
    private bool _answeredBefore;

    /// <summary>Counts what is worth saving: a GPU at a new place, and a GPU that has fallen off the bus.</summary>
    public long Changes { get; private set; }

    /// <summary>Learns the GPUs of a page.</summary>
    /// <param name="target">Position of the exporter among the targets.</param>
    /// <param name="samples">The page's samples.</param>
    /// <param name="nowMs">Current time, Unix milliseconds.</param>
    public void Learn(int target, ReadOnlySpan<GpuSample> samples, long nowMs)
    {
        lock (_gate)
        {
            // A page without GPUs does not show which host it belongs to.
            if (!samples.IsEmpty && _answered.Add(target) && _answered.Count == targets.Count)
            {
                _answeredBefore = false;
                Changes++;
            }

            foreach (var sample in samples)
            {
                _answeredHosts.Add(sample.Info.Host);
                if (!_hosts.TryGetValue(sample.Info.Host, out var places))
                {
                    _hosts[sample.Info.Host] = places = new Dictionary<string, Place>(StringComparer.Ordinal);
                }

                if (sample.Info.PciBusId.Length == 0)
                {
                    continue;
                }

                var known = places.GetValueOrDefault(sample.Info.PciBusId);
                Changes += known.Gpu == sample.Gpu ? 0 : 1;
                places[sample.Info.PciBusId] =
                    known.Gpu == sample.Gpu
                        ? known with
                        {
                            Info = sample.Info,
                            SeenMs = nowMs,
                            IsRemembered = false,
                        }
                        : new Place(sample.Gpu, sample.Info, nowMs, known.Gpu is null || known.IsRemembered ? null : known.SeenMs, false);
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
    /// <param name="info">Its properties, as its last page showed them.</param>
    public GpuIdentity? Find(string ofHost, string pciBusId, out GpuInfo info)
    {
        lock (_gate)
        {
            var place = _hosts.TryGetValue(ofHost, out var places) ? places.GetValueOrDefault(pciBusId) : default;
            info = place.Info ?? GpuInfo.Unknown;
            return place.IsClear ? place.Gpu : null;
        }
    }

    /// <summary>The kernel log says that a GPU has fallen off the bus.</summary>
    public void Fell(GpuId gpu, long nowMs)
    {
        lock (_gate)
        {
            _fallen[gpu] = nowMs;
            Changes++;
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

    /// <summary>
    /// Whether a host is known of an earlier run only: its first page may show another board at a place, so a report should wait for it for
    /// a while.
    /// </summary>
    public bool IsOnlyRemembered(string ofHost)
    {
        lock (_gate)
        {
            return !_answeredHosts.Contains(ofHost);
        }
    }

    /// <summary>Adds what must survive a restart.</summary>
    public KernelLogState Save(KernelLogState state)
    {
        lock (_gate)
        {
            return state with
            {
                Targets = _answeredBefore || _answered.Count == targets.Count ? [.. targets] : [],
                Devices =
                [
                    .. _hosts.SelectMany(of =>
                        of.Value.Where(at => at.Value.IsClear)
                            .Select(at => new SavedDevice(of.Key, at.Key, at.Value.Gpu!.Id.Value, at.Value.SeenMs)
                            {
                                Index = at.Value.Info!.Index,
                                Model = at.Value.Info.Model,
                                Driver = at.Value.Info.Driver,
                            })
                    ),
                ],
                FallenGpus = _fallen.ToDictionary(fallen => fallen.Key.Value, fallen => fallen.Value),
            };
        }
    }

    /// <summary>Takes what an earlier run knew.</summary>
    public void Load(KernelLogState state, GpuRegistry registry, long nowMs)
    {
        lock (_gate)
        {
            foreach (var device in state.Devices.Where(device => nowMs - device.SeenMs < ForgottenAfterMs))
            {
                if (!GpuId.TryParse(device.Gpu, out var id))
                {
                    continue;
                }

                if (!_hosts.TryGetValue(device.Host, out var places))
                {
                    _hosts[device.Host] = places = new Dictionary<string, Place>(StringComparer.Ordinal);
                }

                places[device.PciBusId] = new Place(registry.Intern(id), device.Info, device.SeenMs, null, IsRemembered: true);
            }

            foreach (var (gpu, fellMs) in state.FallenGpus)
            {
                if (GpuId.TryParse(gpu, out var id))
                {
                    _fallen[id] = fellMs;
                }
            }

            _answeredBefore = _hosts.Count > 0 && state.Targets.Order().SequenceEqual(targets.Order());
        }
    }

    private string? Known(string name) => name.Length > 0 && _hosts.ContainsKey(name) ? name : null;

    // An exporter that has not answered yet may belong to another host.
    private string? Only() => _hosts.Count == 1 && (_answeredBefore || _answered.Count == targets.Count) ? _hosts.Keys.First() : null;

    // A place that is remembered of an earlier run is the next GPU's at once.
    private readonly record struct Place(GpuIdentity? Gpu, GpuInfo? Info, long SeenMs, long? OtherSeenMs, bool IsRemembered)
    {
        public bool IsClear => Gpu is not null && (OtherSeenMs is not { } other || SeenMs - other > ReplacedAfterMs);
    }
}
