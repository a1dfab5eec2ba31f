using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>
/// Returns equal descriptions of one GPU as one object, so that they can be compared by reference. Bounded: the oldest entry is evicted,
/// and an equal description may then be a second object.
/// </summary>
internal sealed class KnownLabels
{
    private const int Most = 64;

    private readonly List<GpuInfo> _infos = [];
    private readonly List<Workload> _workloads = [];
    private readonly List<MigInstance> _instances = [];

    public GpuInfo Info(GpuInfo info) => Kept(_infos, info);

    public Workload? Workload(Workload? workload) => workload is null ? null : Kept(_workloads, workload);

    public MigInstance Instance(GpuIdentity gpu, int id, string profile)
    {
        foreach (var known in _instances)
        {
            if (known.Id == id && known.Profile == profile)
            {
                return known;
            }
        }

        var instance = new MigInstance(gpu, id, profile);
        if (_instances.Count == Most)
        {
            _instances.RemoveAt(0);
        }

        _instances.Add(instance);
        return instance;
    }

    private static T Kept<T>(List<T> known, T item)
        where T : class
    {
        foreach (var candidate in known)
        {
            if (candidate.Equals(item))
            {
                return candidate;
            }
        }

        if (known.Count == Most)
        {
            known.RemoveAt(0);
        }

        known.Add(item);
        return item;
    }
}
