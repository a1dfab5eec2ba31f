using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>The workloads that one page names for a GPU: several rows under time-slicing, MPS, MIG or several jobs.</summary>
internal sealed class GpuWorkloads
{
    // More share a GPU only by mistake, and every record carries the text.
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
    /// <paramref name="info"/> with the page's workloads, one object as long as they are the same, in whatever order the rows came.
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

    // The n-th entry of each text is the n-th workload's.
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
