using System.Globalization;
using GpuActors.Simulation.Faults;

namespace GpuActors.Simulation.Fleet;

/// <summary>
/// The simulated fleet. Time is an argument and moves in whole seconds, so the same seed, start and faults give the same values whenever
/// they are looked at. Thread-safe: exporters ask while faults are injected.
/// </summary>
public sealed class SimulatedFleet
{
    private const int GpusPerHost = 8;
    private const int MostSecondsAtOnce = 600;
    private static readonly string[] Datacenters = ["DC-EAST-01", "UK-SOUTH-01"];

    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];
    private readonly long _startMs;
    private long _nowMs;
    private int _nextFault = 1;

    /// <summary>A fleet that starts at <paramref name="startMs"/> (Unix milliseconds).</summary>
    public SimulatedFleet(int gpus, int seed, long startMs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gpus, 1);
        _startMs = _nowMs = startMs;
        // Two datacenters even for a small fleet: hosts alternate, and ten GPUs are five and five.
        var hosts = Math.Max((gpus + GpusPerHost - 1) / GpusPerHost, Math.Min(2, gpus));
        Hosts = Enumerable.Range(0, hosts).Select(Host).ToList();
        Gpus = Enumerable
            .Range(0, gpus)
            .Select(g => new SimulatedGpu(
                g,
                seed,
                Hosts[(int)((long)g * hosts / gpus)],
                IndexOnHost(g, gpus, hosts),
                GpuProfile.All[g % GpuProfile.All.Count]
            ))
            .ToList();
    }

    /// <summary>Hosts, each with an exporter.</summary>
    public IReadOnlyList<SimulatedHost> Hosts { get; }

    /// <summary>GPUs in order of index.</summary>
    public IReadOnlyList<SimulatedGpu> Gpus { get; }

    /// <summary>Faults that are active or still to come.</summary>
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
    /// <param name="request">What and where; a start of 0 s is now.</param>
    /// <param name="nowMs">Now, Unix milliseconds.</param>
    /// <exception cref="ArgumentException">There is no such GPU, or a time is negative; the text names field, value and remedy.</exception>
    public Fault Inject(FaultRequest request, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(request);
        var gpu =
            Find(request.Gpu)
            ?? throw new ArgumentException(
                $"gpu = '{request.Gpu}': an index from 0 to {Gpus.Count - 1} or the UUID of a simulated GPU is wanted"
            );
        if (request.DurationSeconds is not (> 0 and < 1e9) || request.AtSeconds is not (>= 0 and < 1e9))
        {
            throw new ArgumentException(
                $"duration_s = {request.DurationSeconds.ToString(CultureInfo.InvariantCulture)}, at_s = {request.AtSeconds.ToString(CultureInfo.InvariantCulture)}: a positive duration and a start not below 0 are wanted"
            );
        }

        lock (_lock)
        {
            // A fault starts with the next second, so that it is seen from its first moment.
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
    /// <returns>False when there is none with this id.</returns>
    public bool Remove(int id)
    {
        lock (_lock)
        {
            return _faults.RemoveAll(f => f.Id == id) > 0;
        }
    }

    /// <summary>Moves on to a time and reads the GPUs of a host while nobody else moves them.</summary>
    /// <param name="timeMs">Now, Unix milliseconds; an earlier time than the last moves nothing.</param>
    /// <param name="host">The host, or null for the whole fleet.</param>
    /// <param name="read">Gets each GPU that shows rows; is not called when the host's exporter is down.</param>
    /// <returns>False when the exporter is down.</returns>
    public bool Read(long timeMs, SimulatedHost? host, Action<IReadOnlyList<SimulatedGpu>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        lock (_lock)
        {
            Advance(timeMs);
            var shown = Gpus.Where(g => host is null || g.Host == host).ToList();
            if (shown.Exists(g => Has(g, FaultKind.ExporterDown)))
            {
                return false;
            }

            read(shown.Where(g => !Has(g, FaultKind.Vanish)).ToList());
            return true;
        }
    }

    private static SimulatedHost Host(int index)
    {
        var datacenter = Datacenters[index % Datacenters.Length];
        return new SimulatedHost(
            $"{datacenter.ToLowerInvariant()}-n{(index / Datacenters.Length) + 1:d3}",
            datacenter,
            $"R{(index / Datacenters.Length / 4) + 1:d2}"
        );
    }

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

    private bool Has(SimulatedGpu gpu, FaultKind kind) => _faults.Exists(f => f.Gpu == gpu.Index && f.Kind == kind && f.IsActive(_nowMs));

    private void Advance(long timeMs)
    {
        _nowMs = Math.Max(_nowMs, timeMs - (MostSecondsAtOnce * 1000L));
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
