using System.Collections.Concurrent;

namespace GpuActors.Kafka;

/// <summary>
/// Partitions that a consumer reads on request and not by assignment of a group: the partitions of one topic follow those of another, so
/// that both are read on one node. The requests outlive the consumer, so that a new one after a failure continues with them. Thread-safe.
/// </summary>
public sealed class FollowedPartitions
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long?> _requested = [];
    private readonly ConcurrentQueue<Change> _changes = new();
    private bool _attached;

    /// <summary>Starts reading a partition.</summary>
    /// <param name="partition">Partition number.</param>
    /// <param name="fromOffset">Start offset; null for the committed offset of the group.</param>
    public void Follow(int partition, long? fromOffset)
    {
        lock (_gate)
        {
            if (_requested.TryAdd(partition, fromOffset) && _attached)
            {
                Begin(partition);
            }
        }
    }

    /// <summary>Stops reading a partition.</summary>
    /// <returns>Completes when its batches are done, or the consumer's limit for that has passed, and their offsets are
    /// stored.</returns>
    public Task LeaveAsync(int partition)
    {
        lock (_gate)
        {
            if (!_requested.Remove(partition) || !_attached)
            {
                return Task.CompletedTask;
            }

            var change = new Change(partition, false, null);
            _changes.Enqueue(change);
            return change.Made.Task;
        }
    }

    /// <summary>A consumer starts: it receives all requested partitions as changes.</summary>
    internal void Attach()
    {
        lock (_gate)
        {
            Clear();
            _attached = true;
            foreach (var partition in _requested.Keys.ToList())
            {
                Begin(partition);
            }
        }
    }

    /// <summary>The consumer has ended: completes the changes that it has not made.</summary>
    internal void Detach()
    {
        lock (_gate)
        {
            _attached = false;
            Clear();
        }
    }

    internal bool TryTake(out Change change) => _changes.TryDequeue(out change!);

    // The start offset is used once: a new consumer after a failure continues from the committed offset.
    private void Begin(int partition)
    {
        _changes.Enqueue(new Change(partition, true, _requested[partition]));
        _requested[partition] = null;
    }

    private void Clear()
    {
        while (_changes.TryDequeue(out var change))
        {
            change.Made.TrySetResult();
        }
    }

    /// <summary>A partition to start or to stop reading.</summary>
    internal sealed record Change(int Partition, bool Follow, long? FromOffset)
    {
        public TaskCompletionSource Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
