using System.Collections.Concurrent;

namespace GpuActors.Kafka;

/// <summary>
/// Partitions that a consumer reads because somebody says so, not because a group assigned them: one topic's partitions follow another's,
/// so that both are read on one node. Remembers what was said, so that a consumer that is made anew after a failure goes on with it.
/// Thread-safe.
/// </summary>
public sealed class FollowedPartitions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long?> _wanted = [];
    private readonly ConcurrentQueue<Change> _changes = new();
    private bool _attached;

    /// <summary>Reads a partition from now on.</summary>
    /// <param name="partition">Partition number.</param>
    /// <param name="fromOffset">Where to start; null for the group's committed offset.</param>
    public void Follow(int partition, long? fromOffset)
    {
        lock (_gate)
        {
            if (_wanted.TryAdd(partition, fromOffset) && _attached)
            {
                Begin(partition);
            }
        }
    }

    /// <summary>Reads a partition no longer.</summary>
    /// <returns>Completes when its batches are done, or the consumer's time for that is over, and what was done is to be
    /// committed.</returns>
    public Task LeaveAsync(int partition)
    {
        lock (_gate)
        {
            if (!_wanted.Remove(partition) || !_attached)
            {
                return Task.CompletedTask;
            }

            var change = new Change(partition, false, null);
            _changes.Enqueue(change);
            return change.Made.Task;
        }
    }

    /// <summary>A consumer begins: it gets all that is wanted as changes.</summary>
    internal void Attach()
    {
        lock (_gate)
        {
            Clear();
            _attached = true;
            foreach (var partition in _wanted.Keys.ToList())
            {
                Begin(partition);
            }
        }
    }

    /// <summary>The consumer has ended: nobody waits for it in vain.</summary>
    internal void Detach()
    {
        lock (_gate)
        {
            _attached = false;
            Clear();
        }
    }

    internal bool TryTake(out Change change) => _changes.TryDequeue(out change!);

    // The start that was said holds once: a consumer that is made anew goes on from what was committed.
    private void Begin(int partition)
    {
        _changes.Enqueue(new Change(partition, true, _wanted[partition]));
        _wanted[partition] = null;
    }

    private void Clear()
    {
        while (_changes.TryDequeue(out var change))
        {
            change.Made.TrySetResult();
        }
    }

    /// <summary>One partition to follow or to leave.</summary>
    internal sealed record Change(int Partition, bool Follow, long? FromOffset)
    {
        public TaskCompletionSource Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
