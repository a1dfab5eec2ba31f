using System.Globalization;
using GpuActors.Simulation.Faults;

namespace GpuActors.Simulation.Fleet;

/// <summary>
/// A simulated fleet of GPUs. The caller supplies the time, which advances in whole seconds, so the same seed, start time and faults always
/// give the same values. Thread-safe: pages can be read while faults are injected.
/// </summary>
public sealed class SimulatedFleet
{
    private const int GpusPerHost = 8;
    private const int HostsPerRack = 4;
    private const int MaxSecondsPerRead = 600;
    private static readonly string[] Datacenters = ["DC-EAST-01", "UK-SOUTH-01"];

    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];
    private readonly long _startMs;
    private long _nowMs;
    private int _nextFault = 1;

    /// <summary>Creates a fleet.</summary>
    /// <param name="gpus">Number of GPUs, at least 1.</param>
    /// <param name="seed">Seed of all random numbers.</param>
    /// <param name="startMs">Start time in Unix milliseconds.</param>
    /// <param name="product">Product of all GPUs; null for H100.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="gpus"/> is less than 1.</exception>
    public SimulatedFleet(int gpus, int seed, long startMs, GpuProduct? product = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gpus, 1);
        _startMs = _nowMs = startMs;
        // Even a small fleet has two hosts, and hosts alternate between two datacenters: ten GPUs are five in each.
        var hosts = Math.Max((gpus + GpusPerHost - 1) / GpusPerHost, Math.Min(2, gpus));
        Hosts = Enumerable.Range(0, hosts).Select(HostAt).ToList();
        Gpus = Enumerable
            .Range(0, gpus)
            .Select(g => new SimulatedGpu(
                g,
                seed,
                Hosts[(int)((long)g * hosts / gpus)],
                IndexOnHost(g, gpus, hosts),
                GpuProfile.All[g % GpuProfile.All.Count],
                product ?? GpuProduct.H100
            ))
            .ToList();
    }

    /// <summary>All hosts; each has an exporter.</summary>
    public IReadOnlyList<SimulatedHost> Hosts { get; }

    /// <summary>All GPUs, in order of their index.</summary>
    public IReadOnlyList<SimulatedGpu> Gpus { get; }

    /// <summary>Faults that are active or start later.</summary>
    public IReadOnlyList<Fault> Faults
    {
        get
        {
            lock (_lock)
            {
                return _faults.Where(f => f.UntilMs > _nowMs).ToList();
            }
        }
    }

    /// <summary>Injects a fault.</summary>
    /// <param name="request">The fault. A start of 0 s means now.</param>
    /// <param name="nowMs">Current time in Unix milliseconds.</param>
    /// <returns>The fault, with its id and its times.</returns>
    /// <exception cref="ArgumentException">The fleet has no such GPU, or a time is out of range; the message names the field, the value and
    /// the remedy.</exception>
    public Fault Inject(FaultRequest request, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(request);
        var gpu =
            Find(request.Gpu)
            ?? throw new ArgumentException(
                $"gpu = '{request.Gpu}': must be an index from 0 to {Gpus.Count - 1} or the UUID of a simulated GPU"
            );
        if (request.DurationSeconds is not (> 0 and < 1e9) || request.AtSeconds is not (>= 0 and < 1e9))
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"duration_s = {request.DurationSeconds}, at_s = {request.AtSeconds}: must be above 0 and at least 0"
                )
            );
        }

        lock (_lock)
        {
            // A fault starts with the next second at the earliest, so that no part of it lies in a second that was already simulated.
            var from = request.AtSeconds > 0 ? _startMs + (long)(request.AtSeconds * 1000) : Math.Max(nowMs, _nowMs + 1000);
            var fault = new Fault(
                _nextFault++,
                gpu.Index,
                request.Kind,
                from,
                from + (long)(request.DurationSeconds * 1000),
                request.Value
            );
            _faults.RemoveAll(f => f.UntilMs <= _nowMs);
            _faults.Add(fault);
            return fault;
        }
    }

    /// <summary>Ends a fault.</summary>
    /// <returns>False if there is no fault with this id.</returns>
    public bool Remove(int id)
    {
        lock (_lock)
        {
            return _faults.RemoveAll(f => f.Id == id) > 0;
        }
    }

    /// <summary>
    /// Advances the simulation to a time and reads the GPUs of a host under the lock. At most 600 s are simulated; a longer gap is skipped.
    /// </summary>
    /// <param name="timeMs">Current time in Unix milliseconds. If it is earlier than the previous time, the simulation does not
    /// advance.</param>
    /// <param name="host">The host; null for the whole fleet.</param>
    /// <param name="read">Called with the GPUs that have rows on the page; not called if an exporter is down.</param>
    /// <returns>False if the exporter is down.</returns>
    public bool Read(long timeMs, SimulatedHost? host, Action<IReadOnlyList<SimulatedGpu>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        lock (_lock)
        {
            Advance(timeMs);
            var down = Having(FaultKind.ExporterDown);
            var vanished = Having(FaultKind.Vanish);
            var shown = Gpus.Where(g => host is null || g.Host == host).ToList();
            if (shown.Exists(g => down.Contains(g.Index)))
            {
                return false;
            }

            read(shown.Where(g => !vanished.Contains(g.Index)).ToList());
            return true;
        }
    }

    /// <summary>Host by its number. Racks have four hosts, one above the other.</summary>
    internal static SimulatedHost HostAt(int index)
    {
        var datacenter = Datacenters[index % Datacenters.Length];
        return new SimulatedHost(
            $"{datacenter.ToLowerInvariant()}-n{(index / Datacenters.Length) + 1:d3}",
            datacenter,
            $"R{(index / Datacenters.Length / HostsPerRack) + 1:d2}"
        );
    }

    /// <summary>Level of a host in its rack, 0 (bottom) to 3.</summary>
    internal static int LevelInRack(int host) => host / Datacenters.Length % HostsPerRack;

    /// <summary>Number of the rack of a host, over all datacenters.</summary>
    internal static int RackNumber(int host) =>
        (host / Datacenters.Length / HostsPerRack * Datacenters.Length) + (host % Datacenters.Length);

    private static int IndexOnHost(int gpu, int gpus, int hosts)
    {
        var host = (long)gpu * hosts / gpus;
        var first = ((host * gpus) + hosts - 1) / hosts;
        return (int)(gpu - first);
    }

    private SimulatedGpu? Find(string gpu) =>
        int.TryParse(gpu, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < Gpus.Count
            ? Gpus[index]
            : Gpus.FirstOrDefault(g => g.Uuid == gpu);

    private HashSet<int> Having(FaultKind kind) => [.. _faults.Where(f => f.Kind == kind && f.IsActive(_nowMs)).Select(f => f.Gpu)];

    private void Advance(long timeMs)
    {
        _nowMs = Math.Max(_nowMs, timeMs - (MaxSecondsPerRead * 1000L));
        while (_nowMs + 1000 <= timeMs)
        {
            _nowMs += 1000;
            var active = _faults.Where(f => f.IsActive(_nowMs)).ToLookup(f => f.Gpu);
            foreach (var gpu in Gpus)
            {
                gpu.Tick(_nowMs, active.Contains(gpu.Index) ? active[gpu.Index].ToList() : []);
            }
        }
    }
}
