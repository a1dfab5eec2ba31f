using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using GpuActors.Core.Messaging;

namespace GpuActors.Kafka.Consuming;

/// <summary>
/// One assigned partition: the bounded channel to its reader and the batches that are in flight. The consumer's thread offers batches and
/// closes the partition; any thread acknowledges them. The lock is taken per batch, never per record.
/// </summary>
[SuppressMessage(
    "Reliability",
    "CA1001",
    Justification = "The token may be used long after the partition has left; its source holds no operating system handle"
)]
internal sealed class AssignedPartition<TBatch> : IPartitionBatches<TBatch>
    where TBatch : class
{
    private readonly Lock _gate = new();
    private readonly Queue<InFlightBatch> _inFlight = new();
    private readonly Channel<TBatch> _channel;
    private readonly IPartitionOwner<TBatch> _owner;
    private readonly int _capacity;
    private readonly bool _manualCommit;
    private readonly CancellationTokenSource _leaving = new();
    private bool _open = true;
    private bool _closed;
    private bool _skipped;
    private int _inFlightCount;
    private Task? _released;

    public AssignedPartition(int partition, int capacity, bool manualCommit, IPartitionOwner<TBatch> owner)
    {
        Partition = partition;
        _capacity = capacity;
        _manualCommit = manualCommit;
        _owner = owner;
        _channel = Channel.CreateBounded<TBatch>(new BoundedChannelOptions(capacity) { SingleWriter = true, SingleReader = true });
    }

    public int Partition { get; }

    public ChannelReader<TBatch> Batches => _channel.Reader;

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

    public int InFlight => Volatile.Read(ref _inFlightCount);

    public bool HasRoom => InFlight < _capacity;

    /// <summary>Whether a batch was done.</summary>
    public bool HasProgressed { get; private set; }

    // The consumer thread's own state of this partition.

    /// <summary>Records in the open batch.</summary>
    public int Records { get; set; }

    /// <summary>Offset after the last record read; -1 before the first.</summary>
    public long Position { get; set; } = -1;

    public bool IsPaused { get; set; }

    /// <summary>Since when it has had no room, in milliseconds of the monotonic clock; 0 while it has.</summary>
    public long FullSince { get; set; }

    /// <summary>Hands a batch to the reader. Called only while there is room, so that the channel accepts it.</summary>
    public void Offer(TBatch batch)
    {
        Records = 0;
        lock (_gate)
        {
            _inFlight.Enqueue(new InFlightBatch(batch, Position));
            Volatile.Write(ref _inFlightCount, _inFlight.Count);
        }

        if (!_channel.Writer.TryWrite(batch) && _open)
        {
            throw new InvalidOperationException(
                $"The channel of partition {Partition} is full although only {InFlight} of {_capacity} batches are in flight"
            );
        }
    }

    public void Done(TBatch batch)
    {
        lock (_gate)
        {
            if (!TryMarkDone(batch))
            {
                return;
            }

            var next = -1L;
            while (_inFlight.TryPeek(out var first) && first.IsDone)
            {
                next = _inFlight.Dequeue().NextOffset;
            }

            Volatile.Write(ref _inFlightCount, _inFlight.Count);
            HasProgressed = true;
            if (next >= 0 && !_closed && !_skipped && !_manualCommit)
            {
                _owner.StoreOffset(Partition, next);
            }
        }

        _owner.Recycle(batch);
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

    public Task<long?> QueryEndOffsetAsync(TimeSpan timeout) =>
        HasGone ? Task.FromResult<long?>(null) : _owner.QueryEndOffset(Partition, timeout);

    public void ReaderStopped()
    {
        lock (_gate)
        {
            if (!_open)
            {
                return;
            }
        }

        _owner.ReaderStopped(this);
    }

    /// <summary>No further batch comes; those in flight may still be done.</summary>
    public void Complete(Exception? failure = null)
    {
        lock (_gate)
        {
            _open = false;
        }

        _channel.Writer.TryComplete(failure);
        _leaving.Cancel();
    }

    /// <summary>Stores no offset from now on: the partition has, or may have, another owner.</summary>
    /// <returns>Number of batches that were still in flight.</returns>
    public int Close(Exception? failure = null)
    {
        int unfinished;
        lock (_gate)
        {
            _closed = true;
            unfinished = _inFlight.Count;
        }

        // After the flag: a reader that sees the failure asks HasGone why.
        Complete(failure);
        return unfinished;
    }

    /// <summary>Runs <see cref="BeforeRelease"/> once; completes when it has ended, successfully or not.</summary>
    public Task Release() => _released ??= ReleaseOnce();

    private async Task ReleaseOnce()
    {
        if (BeforeRelease is not { } release)
        {
            return;
        }

        try
        {
            // Not on the consumer's thread, which waits for the result.
            await Task.Run(release).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _owner.ReleaseFailed(Partition, e);
        }
    }

    // A handful of batches at most are in flight.
    private bool TryMarkDone(TBatch batch)
    {
        foreach (var candidate in _inFlight)
        {
            if (!candidate.IsDone && ReferenceEquals(candidate.Batch, batch))
            {
                candidate.IsDone = true;
                return true;
            }
        }

        return false;
    }

    private sealed class InFlightBatch(TBatch batch, long nextOffset)
    {
        public TBatch Batch => batch;

        public long NextOffset => nextOffset;

        public bool IsDone { get; set; }
    }
}
