using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Akka;
using Akka.Streams.Dsl;

namespace GpuActors.Kafka.Consuming;

/// <summary>
/// One assigned partition: the bounded channel to its stream and the batches that are on their way. The consumer's thread offers and ends;
/// any thread reports batches as done. A batch, never a record, takes the lock.
/// </summary>
[SuppressMessage(
    "Reliability",
    "CA1001",
    Justification = "The token may be asked long after the partition has gone; its source holds no handle of the system"
)]
internal sealed class AssignedPartition<TBatch>
    where TBatch : class
{
    private readonly Lock _gate = new();
    private readonly Queue<CommittableBatch<TBatch>> _inFlight = new();
    private readonly Channel<CommittableBatch<TBatch>> _channel;
    private readonly IPartitionOwner<TBatch> _owner;
    private readonly int _capacity;
    private readonly bool _manualCommit;
    private bool _open = true;
    private bool _closed;
    private int _inFlightCount;
    private readonly CancellationTokenSource _leaving = new();
    private Task? _released;
    private bool _skipped;

    public AssignedPartition(int partition, int capacity, bool manualCommit, IPartitionOwner<TBatch> owner)
    {
        Partition = partition;
        _capacity = capacity;
        _manualCommit = manualCommit;
        _owner = owner;
        _channel = Channel.CreateBounded<CommittableBatch<TBatch>>(
            new BoundedChannelOptions(capacity) { SingleWriter = true, SingleReader = true }
        );
    }

    public int Partition { get; }

    public int InFlight => Volatile.Read(ref _inFlightCount);

    public bool HasRoom => InFlight < _capacity;

    public Func<Task>? BeforeRelease { get; set; }

    public CancellationToken Leaving => _leaving.Token;

    public bool HasGone
    {
        get
        {
            lock (_gate)
            {
                return _closed;
            }
        }
    }

    // The consumer thread's own notes on this partition.

    /// <summary>Records in the open batch.</summary>
    public int Records { get; set; }

    /// <summary>Offset after the last record read; -1 before the first.</summary>
    public long Position { get; set; } = -1;

    public bool IsPaused { get; set; }

    /// <summary>Since when it has had no room, in milliseconds of the monotonic clock; 0 while it has.</summary>
    public long FullSince { get; set; }

    public Source<CommittableBatch<TBatch>, NotUsed> Source() =>
        ChannelSource
            .FromReader(_channel.Reader)
            .WatchTermination(
                (notUsed, ended) =>
                {
                    _ = ended.ContinueWith(
                        _ => StreamEnded(),
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default
                    );
                    return notUsed;
                }
            );

    /// <summary>Hands a batch to the stream. Only called while there is room, so that the channel takes it.</summary>
    public void Offer(TBatch batch)
    {
        var committable = new CommittableBatch<TBatch>(this, batch, Records, Position);
        Records = 0;
        lock (_gate)
        {
            _inFlight.Enqueue(committable);
            Volatile.Write(ref _inFlightCount, _inFlight.Count);
        }

        if (!_channel.Writer.TryWrite(committable) && _open)
        {
            throw new InvalidOperationException(
                $"The channel of partition {Partition} is full although only {InFlight} of {_capacity} batches are on their way"
            );
        }
    }

    public void Done(TBatch batch)
    {
        CommittableBatch<TBatch>? found = null;
        lock (_gate)
        {
            foreach (var candidate in _inFlight)
            {
                if (!candidate.IsDone && ReferenceEquals(candidate.Batch, batch))
                {
                    found = candidate;
                    break;
                }
            }
        }

        if (found is not null)
        {
            Done(found);
        }
    }

    public void Done(CommittableBatch<TBatch> committable)
    {
        lock (_gate)
        {
            if (committable.IsDone)
            {
                return;
            }

            committable.IsDone = true;
            var next = -1L;
            while (_inFlight.TryPeek(out var first) && first.IsDone)
            {
                next = _inFlight.Dequeue().NextOffset;
            }

            Volatile.Write(ref _inFlightCount, _inFlight.Count);
            if (next >= 0 && !_closed && !_skipped && !_manualCommit)
            {
                _owner.StoreOffset(Partition, next);
            }
        }

        _owner.Recycle(committable.Batch);
    }

    public void Skip(TBatch batch)
    {
        lock (_gate)
        {
            _skipped = true;
        }

        Done(batch);
    }

    public void CommitUpTo(long nextOffset)
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _owner.StoreOffset(Partition, nextOffset);
            }
        }
    }

    /// <summary>No further batch comes; those on their way may still be done.</summary>
    public void Complete(Exception? failure = null)
    {
        lock (_gate)
        {
            _open = false;
        }

        _channel.Writer.TryComplete(failure);
        _leaving.Cancel();
    }

    /// <summary>From now on nothing is stored any more: the partition has, or may have, another owner.</summary>
    /// <returns>Number of batches that were still on their way.</returns>
    public int Close(Exception? failure = null)
    {
        int unfinished;
        lock (_gate)
        {
            _closed = true;
            unfinished = _inFlight.Count;
        }

        // After the flag: whoever sees the failure must know why.
        Complete(failure);
        return unfinished;
    }

    /// <summary>Lets whoever feeds on the partition put its work in order, once; completed when that is done, however it ended.</summary>
    public Task Release() => _released ??= ReleaseOnce();

    public Task<long?> QueryEndOffset(TimeSpan timeout) =>
        HasGone ? Task.FromResult<long?>(null) : _owner.QueryEndOffset(Partition, timeout);

    private async Task ReleaseOnce()
    {
        if (BeforeRelease is not { } release)
        {
            return;
        }

        try
        {
            // Off the consumer's thread, which waits.
            await Task.Run(release).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _owner.ReleaseFailed(Partition, e);
        }
    }

    private void StreamEnded()
    {
        lock (_gate)
        {
            if (!_open)
            {
                return;
            }
        }

        _owner.StreamEnded(Partition);
    }
}
