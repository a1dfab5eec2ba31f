using Akka.Actor;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Shards;

/// <summary>
/// The GPUs of a shard as its memory sees them: whose state is in the database, whose was read and is not handed over yet, and who was
/// given its state and has not saved it since. A state that was handed over is not kept here.
/// </summary>
internal sealed class ShardStates
{
    private readonly HashSet<GpuId> _kept = [];
    private readonly Dictionary<GpuId, RestoredGpu> _waiting = [];
    private readonly Dictionary<GpuId, IActorRef> _starting = [];
    private readonly Dictionary<GpuId, int> _slots = [];
    private int _nextSlot;

    /// <summary>GPUs whose states are in the database.</summary>
    public IReadOnlyCollection<GpuId> Kept => _kept;

    /// <summary>States that were read and not handed over.</summary>
    public IEnumerable<RestoredGpu> Waiting => _waiting.Values;

    /// <summary>Takes what was read.</summary>
    /// <returns>The states of GPUs that have started without them, each with its actor.</returns>
    public IReadOnlyList<(IActorRef Actor, GpuState State)> Add(CheckpointRestore read)
    {
        var started = _slots.Keys.ToHashSet();
        var late = new List<(IActorRef, GpuState)>();
        _slots.Clear();
        _nextSlot = 0;
        foreach (var gpu in read.Gpus.Values)
        {
            _slots[gpu.Gpu] = gpu.Slot;
            _nextSlot = Math.Max(_nextSlot, gpu.Slot + 1);
            if (gpu.State is not null)
            {
                _kept.Add(gpu.Gpu);
            }

            if (!started.Contains(gpu.Gpu))
            {
                _waiting[gpu.Gpu] = gpu;
            }
            else if (gpu.State is { } state && _starting.TryGetValue(gpu.Gpu, out var actor))
            {
                late.Add((actor, state));
            }
        }

        // A slot of the database holds rows of its GPU: a GPU that is not there gets one after them.
        foreach (var gpu in started)
        {
            _ = Slot(gpu);
        }

        return late;
    }

    /// <summary>Hands a GPU's state over.</summary>
    /// <returns>The state; null when there is none here.</returns>
    public RestoredGpu? HandOver(GpuId gpu, IActorRef actor)
    {
        _ = Slot(gpu);
        _starting[gpu] = actor;
        return _waiting.Remove(gpu, out var restored) ? restored : null;
    }

    /// <summary>Whether the state of a GPU was handed over and is in the database: its actor has started anew since.</summary>
    public bool MustBeReadAgain(GpuId gpu) => _kept.Contains(gpu) && !_waiting.ContainsKey(gpu);

    /// <summary>The state of a GPU in the database is not to be had: it begins anew.</summary>
    public void Forget(GpuId gpu) => _kept.Remove(gpu);

    /// <summary>A GPU is retired: the next checkpoint does not have it.</summary>
    public void Retire(GpuId gpu)
    {
        _ = _kept.Remove(gpu);
        _ = _waiting.Remove(gpu);
        _ = _starting.Remove(gpu);
        _ = _slots.Remove(gpu);
    }

    /// <summary>Whom a checkpoint has to ask, each with its slot: known actors, and those that are starting.</summary>
    public IReadOnlyList<(IActorRef Actor, int Slot)> ToAsk(IReadOnlyList<(GpuId Gpu, IActorRef Actor)> known)
    {
        var asked = known.ToDictionary(gpu => gpu.Gpu, gpu => gpu.Actor);
        foreach (var (gpu, actor) in _starting)
        {
            _ = asked.TryAdd(gpu, actor);
        }

        // An actor that lives on from an earlier stay of the partition is ahead of what was read.
        foreach (var gpu in asked.Keys)
        {
            _ = _waiting.Remove(gpu);
        }

        return [.. asked.Select(gpu => (gpu.Value, Slot(gpu.Key)))];
    }

    /// <summary>GPUs whose states a checkpoint must get from their actors, or the database would lose them.</summary>
    public HashSet<GpuId> Required() => [.. _kept.Where(gpu => !_waiting.ContainsKey(gpu))];

    /// <summary>A checkpoint was written with the states of these GPUs.</summary>
    public void Written(IReadOnlyCollection<GpuId> saved)
    {
        foreach (var gpu in saved)
        {
            _kept.Add(gpu);
            _starting.Remove(gpu);
        }
    }

    private int Slot(GpuId gpu) => _slots.TryGetValue(gpu, out var slot) ? slot : _slots[gpu] = _nextSlot++;
}
