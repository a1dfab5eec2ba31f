using System.Threading.Channels;
using GpuActors.Core.Messaging;

namespace GpuActors.Engine.Tests;

/// <summary>An assigned partition whose batches a test provides.</summary>
/// <param name="partition">Partition number.</param>
/// <param name="capacity">Batches that wait for the reader at most.</param>
internal sealed class TestPartition<TBatch>(int partition, int capacity = 1) : IPartitionBatches<TBatch>
    where TBatch : class
{
    private readonly Channel<TBatch> _batches = Channel.CreateBounded<TBatch>(capacity);

    public int Partition => partition;

    public ChannelReader<TBatch> Batches => _batches.Reader;

    public CancellationToken Leaving => CancellationToken.None;

    public bool HasGone { get; private set; }

    public Func<Task>? BeforeRelease { get; set; }

    /// <summary>Answers <see cref="QueryEndOffsetAsync"/>.</summary>
    public Func<Task<long?>> OnQueryEnd { get; init; } = () => Task.FromResult<long?>(null);

    public Action<TBatch> OnDone { get; init; } = _ => { };

    /// <summary>Called when the partition's stream has ended, or has given the partition up.</summary>
    public Action OnReaderStopped { get; set; } = () => { };

    public Action<long> OnCommit { get; init; } = _ => { };

    /// <summary>Provides batches as the reader takes them, and then completes the partition unless it stays assigned.</summary>
    public TestPartition<TBatch> Provide(IEnumerable<TBatch> batches, bool staysAssigned = false)
    {
        _ = Task.Run(async () =>
        {
            foreach (var batch in batches)
            {
                await _batches.Writer.WriteAsync(batch);
            }

            if (!staysAssigned)
            {
                Revoke();
            }
        });
        return this;
    }

    public void Add(TBatch batch)
    {
        if (!_batches.Writer.TryWrite(batch))
        {
            throw new InvalidOperationException($"Partition {partition} has no room for another batch: it holds {capacity}");
        }
    }

    public void Revoke() => _batches.Writer.TryComplete();

    public void Lose()
    {
        HasGone = true;
        _batches.Writer.TryComplete(new InvalidOperationException("lost"));
    }

    public void Done(TBatch batch) => OnDone(batch);

    public void Skip(TBatch batch) { }

    public void ReaderStopped() => OnReaderStopped();

    public void CommitUpTo(long nextOffset) => OnCommit(nextOffset);

    public Task<long?> QueryEndOffsetAsync(TimeSpan timeout) => OnQueryEnd();
}
