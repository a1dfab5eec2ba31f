using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using GpuActors.Core.Samples;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Shards;
using GpuActors.Engine.Streams;
using static GpuActors.Engine.Protocol.CheckpointProtocol;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The partitions of this node, from their coming to their going. One comes: its shard follows, the shard's memory is read, its kernel logs
/// are followed, and only then is it fed. While it is here it is checkpointed. It goes: its logs are left, a last checkpoint is written,
/// and the offsets are committed, so that the next owner replays nothing.
/// </summary>
internal sealed class DetectPartitions(
    ActorSystem system,
    IActorRef region,
    PartitionOwners owners,
    GpuRoutes routes,
    IActorRef? checkpoints,
    IActorRef outbox,
    AlertEnds ends,
    LogFollowing? logs,
    int partitions
)
{
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SuccessionTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SuccessionPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepTimeout = TimeSpan.FromSeconds(30);

    private readonly string _node = Cluster.Get(system).SelfAddress.ToString();

    // A shard that is here without its partition: the partition is on its way, or nobody reads it.
    private readonly PartitionProgress.Entry _elsewhere = new(_ => { }, _ => Task.FromResult<long?>(null));
    private readonly ConcurrentDictionary<int, bool> _lost = new();

    /// <summary>How far the samples are.</summary>
    public PartitionProgress Samples { get; } = new();

    /// <summary>How far the kernel logs are.</summary>
    public PartitionProgress Logs { get; } = new();

    /// <summary>A partition has come.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="foreign">Learns of its records that belong to other shards.</param>
    /// <returns>Completes when its batches may be fed: null when it left before.</returns>
    public async Task<PartitionProgress.Entry?> ArriveAsync(PartitionSource<SampleBatch> partition, ForeignShards foreign)
    {
        var number = partition.Partition;
        var entry = new PartitionProgress.Entry(partition.CommitUpTo, partition.QueryEndOffset) { Foreign = foreign };
        partition.BeforeRelease(() => ReleaseAsync(number, entry));
        var wasLost = _lost.TryRemove(number, out _);
        owners.Take(number);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = system.ActorOf(ShardArrival.Props(number, region, owners, _node, arrived, partition.Leaving));
        await arrived.Task.ConfigureAwait(false);
        var opened = new Opened(0, null, []);
        if (checkpoints is not null && !partition.Leaving.IsCancellationRequested)
        {
            try
            {
                opened = await checkpoints.Ask<Opened>(new Open(number), Timeout.InfiniteTimeSpan, partition.Leaving).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            if (opened.Offset > 0 && await partition.QueryEndOffset(EndTimeout).ConfigureAwait(false) is { } end && opened.Offset > end)
            {
                throw new InvalidOperationException(
                    $"The checkpoint of partition {number} has come to offset {opened.Offset}, but the partition ends at {end}: the topic was made anew or cut since, and GPUs would pass over all up to there. Delete the checkpoints of the old topic (\"delete from snapshot where persistence_id like 'gpu-shard-%'\" in the database of checkpoints), or name another topic"
                );
            }
        }

        if (wasLost)
        {
            await ForgetAsync(number, partition.Leaving).ConfigureAwait(false);
        }

        Samples.Start(number, entry);
        logs?.Follow(number, opened.LogOffset);
        foreach (var gpu in opened.Gpus)
        {
            // Starts it: one that sends no sample any more must be missed here, too.
            region.Tell(new GpuActorProtocol.CheckAbsence(gpu, 0));
        }

        if (!partition.Leaving.IsCancellationRequested)
        {
            return entry;
        }

        Samples.End(number);
        await (logs?.LeaveAsync(number) ?? Task.CompletedTask).ConfigureAwait(false);
        return null;
    }

    /// <summary>
    /// A partition was taken by force: others may own it already, so that nothing is written and nothing is published any more.
    /// </summary>
    public void Lost(int partition)
    {
        _lost[partition] = true;
        Samples.End(partition);
        outbox.Tell(new OutboxProtocol.ShardLost(partition));
        _ = logs?.LeaveAsync(partition);
    }

    /// <summary>Writes a checkpoint of every partition that has not gone yet.</summary>
    public Task ReleaseAllAsync() => Task.WhenAll(Samples.All.Select(partition => ReleaseAsync(partition.Key, partition.Value)));

    /// <summary>Writes a checkpoint of a partition that is here, and lets its committed offsets move to it.</summary>
    public Task CheckpointAsync(int partition) =>
        Samples.Of(partition) is { } entry ? CheckpointAsync(partition, entry) : Task.CompletedTask;

    /// <summary>Writes the states of a shard because another partition has had records of its GPUs.</summary>
    /// <returns>Whether they are in the database; false, too, for a shard whose partition was taken away by force: its next owner is to be
    /// asked.</returns>
    public async Task<bool> KeepAsync(int shard) =>
        !_lost.ContainsKey(shard) && await WriteAsync(shard, Samples.Of(shard) ?? _elsewhere, () => { }).ConfigureAwait(false);

    /// <summary>
    /// Lets all shards go and waits, for a while, until other nodes have taken the partitions over: as long as this node is a member, its
    /// part in placing shards is done at once; afterwards the others first have to agree on who does it.
    /// </summary>
    public async Task HandOverAsync()
    {
        await region.GracefulStop(HandOverTimeout, GracefulShutdown.Instance).ConfigureAwait(false);
        var cluster = Cluster.Get(system);
        var others = cluster.State.Members.Any(m =>
            m.Status == MemberStatus.Up && m.HasRole("detect") && m.UniqueAddress != cluster.SelfUniqueAddress
        );
        using var limit = new CancellationTokenSource(SuccessionTimeout);
        while (others && owners.OwnsAny && !limit.IsCancellationRequested)
        {
            await Task.Delay(SuccessionPoll).ConfigureAwait(false);
        }
    }

    // A partition that was lost and comes back to the same node finds its GPUs alive. They know of alerts that were given up with it, and
    // would pass over the samples that make them again.
    private async Task ForgetAsync(int shard, CancellationToken leaving)
    {
        try
        {
            await Task.WhenAll(
                    routes
                        .OfShard(shard, partitions)
                        .Select(gpu =>
                        {
                            gpu.Actor.Tell(GpuActorProtocol.Forget.Instance);
                            return gpu.Actor.WatchAsync(leaving);
                        })
                )
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It has gone again: whoever gets it next starts from its checkpoint.
            _lost[shard] = true;
        }
    }

    private async Task ReleaseAsync(int partition, PartitionProgress.Entry entry)
    {
        Samples.End(partition);
        await (logs?.LeaveAsync(partition) ?? Task.CompletedTask).ConfigureAwait(false);
        await CheckpointAsync(partition, entry).ConfigureAwait(false);
        Logs.End(partition);
    }

    private async Task CheckpointAsync(int partition, PartitionProgress.Entry entry)
    {
        if (checkpoints is null)
        {
            return;
        }

        // The offsets are read before the states are: they have reached them at least.
        var logEntry = Logs.Of(partition);
        var (offset, logOffset) = (entry.AppliedUpTo, logEntry?.AppliedUpTo);
        if (!await KeepForeignAsync(entry.Foreign).ConfigureAwait(false))
        {
            return;
        }

        _ = await WriteAsync(
                partition,
                entry,
                () =>
                {
                    if (offset is { } applied)
                    {
                        entry.CommitUpTo(applied);
                    }

                    if (logOffset is { } logged)
                    {
                        logEntry!.CommitUpTo(logged);
                    }
                }
            )
            .ConfigureAwait(false);
    }

    private async Task<bool> KeepForeignAsync(ForeignShards foreign)
    {
        var shards = foreign.Take();
        var kept = await Task.WhenAll(
                shards.Select(async shard =>
                {
                    try
                    {
                        return (await region.Ask<Kept>(new Keep(shard), KeepTimeout).ConfigureAwait(false)).Written;
                    }
                    catch (AskTimeoutException)
                    {
                        return false;
                    }
                })
            )
            .ConfigureAwait(false);
        foreach (var shard in shards.Where((_, i) => !kept[i]))
        {
            foreign.Add(shard);
        }

        return Array.TrueForAll(kept, written => written);
    }

    private async Task<bool> WriteAsync(int partition, PartitionProgress.Entry entry, Action commit)
    {
        if (checkpoints is null)
        {
            return true;
        }

        await entry.Checkpointing.WaitAsync().ConfigureAwait(false);
        try
        {
            var flush = new Flush(partition, entry.AppliedUpTo ?? 0, Logs.Of(partition)?.AppliedUpTo, ends[partition]);
            var written = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = system.ActorOf(CheckpointRound.Props(flush, routes.OfShard(partition, partitions), checkpoints, outbox, written));
            if (!await written.Task.ConfigureAwait(false))
            {
                return false;
            }

            outbox.Tell(new OutboxProtocol.CheckpointWritten(partition));
            commit();
            return true;
        }
        finally
        {
            entry.Checkpointing.Release();
        }
    }
}
