using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>Collects the workloads of a GPU on one page: several under time-slicing, MPS, MIG or with several jobs.</summary>
internal sealed class GpuWorkloads
{
    // Bounds the record, which carries the text of all of them.
    private const int Most = 8;

    private readonly Workload[] _now = new Workload[Most];
    private readonly Workload[] _joined = new Workload[Most];
    private int _count;
    private int _joinedCount;
    private GpuInfo? _base;
    private GpuInfo _info = GpuInfo.Unknown;

    public void Begin() => _count = 0;

    public void Add(Workload workload)
    {
        foreach (var there in _now.AsSpan(0, _count))
        {
            if (ReferenceEquals(there, workload))
            {
                return;
            }
        }

        if (_count < Most)
        {
            _now[_count++] = workload;
        }
    }

    /// <summary>
    /// <paramref name="info"/> with the page's workloads. The same object is returned as long as the workloads are the same, in any order.
    /// </summary>
    public GpuInfo Complete(GpuInfo info)
    {
        if (_count == 0)
        {
            return info;
        }

        if (!ReferenceEquals(info, _base) || !SameAsJoined())
        {
            _base = info;
            _now.CopyTo(_joined, 0);
            _joinedCount = _count;
            _info = info with { Workload = Join(_joined.AsSpan(0, _count)) };
        }

        return _info;
    }

    private bool SameAsJoined()
    {
        if (_count != _joinedCount)
        {
            return false;
        }

        foreach (var workload in _now.AsSpan(0, _count))
        {
            if (Array.IndexOf(_joined, workload, 0, _joinedCount) < 0)
            {
                return false;
            }
        }

        return true;
    }

    // The n-th entry of each list belongs to the n-th workload.
    private static Workload Join(ReadOnlySpan<Workload> workloads) =>
        workloads.Length == 1
            ? workloads[0]
            : new Workload(Join(workloads, w => w.Namespace), Join(workloads, w => w.Pod), Join(workloads, w => w.Container));

    private static string Join(ReadOnlySpan<Workload> workloads, Func<Workload, string> part)
    {
        var parts = new string[workloads.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = part(workloads[i]);
        }

        return Array.TrueForAll(parts, p => p.Length == 0) ? "" : string.Join(',', parts);
    }
}
