using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Shards;
using static GpuActors.Engine.Protocol.CheckpointProtocol;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The partitions of this node, from their coming to their going. One comes: its shard follows, the shard's memory is read, its kernel logs
/// are followed, and only then is it fed. While it is here it is checkpointed. It goes: its logs are left, a last checkpoint is written,
/// and the offsets are committed, so that the next owner replays nothing.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds no operating system handle: its WaitHandle is never used")]
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

    // A round ends by itself, sooner than this: it waits for GPUs and alerts, and for the database, each no longer than half a minute.
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromSeconds(90);

    private readonly string _node = Cluster.Get(system).SelfAddress.ToString();

    // Held while a shard is checkpointed whose partition is not on this node: it is on its way, or nobody reads it.
    private readonly SemaphoreSlim _withoutPartition = new(1);
    private readonly ConcurrentDictionary<int, bool> _lost = new();

    /// <summary>How far the samples are.</summary>
    public PartitionTable Samples { get; } = new();

    /// <summary>How far the kernel logs are.</summary>
    public PartitionTable Logs { get; } = new();

    /// <summary>A partition has come.</summary>
    /// <returns>Whether its batches may be fed; false when it has left again.</returns>
    public async Task<bool> ArriveAsync(PartitionProgress progress)
    {
        var partition = progress.Partition;
        var number = partition.Partition;
        partition.BeforeRelease = () => ReleaseAsync(progress);
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
                return false;
            }

            if (
                opened.Offset > 0
                && await partition.QueryEndOffsetAsync(EndTimeout).ConfigureAwait(false) is { } end
                && opened.Offset > end
            )
            {
                throw new InvalidOperationException(
                    $"The checkpoint of partition {number} has come to offset {opened.Offset}, but the partition ends at {end}: the topic was made anew or cut since, and GPUs would pass over all up to there. Delete the checkpoints of the old topic (\"delete from gpu_checkpoint\" in the database of the journal), or name another topic"
                );
            }
        }

        if (wasLost)
        {
            await ForgetAsync(number, partition.Leaving).ConfigureAwait(false);
        }

        Samples.Add(progress);
        logs?.Follow(number, opened.LogOffset);
        foreach (var gpu in opened.Gpus)
        {
            // Starts it: one that sends no sample any more must be missed here, too.
            region.Tell(new GpuActorProtocol.CheckAbsence(gpu, 0));
        }

        if (!partition.Leaving.IsCancellationRequested)
        {
            return true;
        }

        Samples.Remove(number);
        await (logs?.LeaveAsync(number) ?? Task.CompletedTask).ConfigureAwait(false);
        return false;
    }

    /// <summary>
    /// A partition was taken by force: others may own it already, so that nothing is written and nothing is published any more.
    /// </summary>
    public void Lost(int partition)
    {
        _lost[partition] = true;
        Samples.Remove(partition);
        outbox.Tell(new OutboxProtocol.ShardLost(partition));
        _ = logs?.LeaveAsync(partition);
    }

    /// <summary>Writes a checkpoint of every partition that has not gone yet.</summary>
    public Task ReleaseAllAsync() => Task.WhenAll(Samples.All.Select(ReleaseAsync));

    /// <summary>Writes a checkpoint of a partition that is here, and lets its committed offsets move to it.</summary>
    public Task CheckpointAsync(int partition) => Samples.Of(partition) is { } progress ? CheckpointAsync(progress) : Task.CompletedTask;

    /// <summary>Writes the states of a shard because another partition has had records of its GPUs.</summary>
    /// <returns>Whether they are in the database; false, too, for a shard whose partition was taken away by force: its next owner is to be
    /// asked.</returns>
    public async Task<bool> KeepAsync(int shard) =>
        !_lost.ContainsKey(shard) && await WriteAsync(shard, Samples.Of(shard), () => { }).ConfigureAwait(false);

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

    private async Task ReleaseAsync(PartitionProgress progress)
    {
        var partition = progress.Partition.Partition;
        Samples.Remove(partition);
        await (logs?.LeaveAsync(partition) ?? Task.CompletedTask).ConfigureAwait(false);
        await CheckpointAsync(progress).ConfigureAwait(false);
        Logs.Remove(partition);
    }

    private async Task CheckpointAsync(PartitionProgress progress)
    {
        if (checkpoints is null)
        {
            return;
        }

        // The offsets are read before the states are: the states have reached at least these offsets.
        var partition = progress.Partition.Partition;
        var logProgress = Logs.Of(partition);
        var (offset, logOffset) = (progress.AppliedUpTo, logProgress?.AppliedUpTo);
        if (!await KeepForeignAsync(progress.Foreign).ConfigureAwait(false))
        {
            return;
        }

        _ = await WriteAsync(
                partition,
                progress,
                () =>
                {
                    if (offset is { } applied)
                    {
                        progress.Partition.CommitUpTo(applied);
                    }

                    if (logOffset is { } logged)
                    {
                        logProgress!.Partition.CommitUpTo(logged);
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

    private async Task<bool> WriteAsync(int partition, PartitionProgress? progress, Action commit)
    {
        if (checkpoints is null)
        {
            return true;
        }

        var gate = progress?.Checkpointing ?? _withoutPartition;
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            // The offsets are read before the states are: they have reached them at least.
            var flush = new Flush(
                partition,
                progress?.AppliedUpTo ?? 0,
                Logs.Of(partition)?.AppliedUpTo,
                ends[partition],
                routes.OfShard(partition, partitions)
            );
            if (!(await checkpoints.Ask<Flushed>(flush, RoundTimeout).ConfigureAwait(false)).Written)
            {
                return false;
            }

            outbox.Tell(new OutboxProtocol.CheckpointWritten(partition));
            commit();
            return true;
        }
        catch (AskTimeoutException)
        {
            return false;
        }
        finally
        {
            gate.Release();
        }
    }
}
