using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Shards;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// The life of a partition on this node. When it is assigned, its shard moves here, the shard's checkpoint is read, its kernel logs are
/// followed, and only then are its samples fed. While it is here it is checkpointed. When it leaves, its logs are left first, then a last
/// checkpoint is written and the offsets are committed, so that the next owner replays nothing.
/// </summary>
internal sealed class DetectPartitions(
    ActorSystem system,
    IActorRef region,
    PartitionOwners owners,
    GpuRoutes routes,
    ShardCheckpoints checkpoints,
    IActorRef outbox,
    LogFollowing? logs,
    EngineMetrics metrics,
    int partitions
)
{
    private const string DetectRole = "detect";
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SuccessionTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SuccessionPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepTimeout = TimeSpan.FromSeconds(30);

    private readonly string _node = Cluster.Get(system).SelfAddress.ToString();

    /// <summary>The partitions of samples.</summary>
    public PartitionTable Samples => checkpoints.Samples;

    /// <summary>The partitions of kernel logs.</summary>
    public PartitionTable Logs => checkpoints.Logs;

    /// <summary>Prepares this node for a partition that was assigned to it.</summary>
    /// <returns>True when its batches may be fed; false when it has left meanwhile.</returns>
    /// <exception cref="InvalidOperationException">The shard's checkpoint lies beyond the end of the partition.</exception>
    public Task<bool> ArriveAsync(PartitionProgress progress)
    {
        var arrival = ArriveOnceAsync(progress);
        checkpoints.Arrives(progress.Partition.Partition, arrival);
        return arrival;
    }

    /// <summary>
    /// Gives up a partition that was lost: another node may own it already, so that nothing of it is written or published any more.
    /// </summary>
    public void Lost(int partition)
    {
        checkpoints.Lost(partition);
        checkpoints.Left(partition);
        outbox.Tell(new OutboxProtocol.ShardLost(partition));
        _ = LeaveLogsAsync(partition);
    }

    /// <summary>Writes a checkpoint of every partition that has not left yet, and commits its offsets.</summary>
    public Task ReleaseAllAsync() => Task.WhenAll(Samples.All.Select(ReleaseAsync));

    /// <summary>Writes a checkpoint of a partition that is on this node, and commits its offsets.</summary>
    public Task CheckpointAsync(int partition) => Samples.Of(partition) is { } progress ? CheckpointAsync(progress) : Task.CompletedTask;

    /// <summary>
    /// Hands all shards over and waits, for a limited time, until other nodes have taken the partitions. As long as this node is a member
    /// of the cluster, it does its part in allocating shards at once; after it has left, the others must first elect another coordinator.
    /// </summary>
    public async Task HandOverAsync()
    {
        try
        {
            await region.GracefulStop(HandOverTimeout, GracefulShutdown.Instance).ConfigureAwait(false);
        }
        catch (TaskCanceledException)
        {
            // The coordinator may be starting on another node, or on this one. All states are saved: the shards move when the node leaves.
            return;
        }

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

    private async Task<bool> ArriveOnceAsync(PartitionProgress progress)
    {
        var partition = progress.Partition;
        var number = partition.Partition;
        partition.BeforeRelease = () => ReleaseAsync(progress);
        var wasLost = checkpoints.Retake(number);
        owners.Take(number);
        await ShardIsHereAsync(number, partition.Leaving).ConfigureAwait(false);
        CheckpointProtocol.Opened opened;
        try
        {
            opened = await checkpoints.OpenAsync(number, partition.Leaving).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        if (opened.Offset > 0)
        {
            await ThrowIfBeyondEndAsync(progress, opened.Offset).ConfigureAwait(false);
        }

        if (wasLost)
        {
            await ForgetAsync(number, partition.Leaving).ConfigureAwait(false);
        }

        progress.RestoredUpTo = opened.Offset;
        Samples.Add(progress);
        logs?.Follow(number, opened.LogOffset);
        foreach (var gpu in opened.Gpus)
        {
            // Starts the actor: a GPU that sends no samples any more must become absent on this node as well.
            region.Tell(new GpuActorProtocol.CheckAbsence(gpu, 0));
        }

        if (opened.Gpus.Count > 0)
        {
            // The shard answers behind these messages, so that its GPUs have actors when the arrival is complete: queries rely on it.
            await ShardIsHereAsync(number, partition.Leaving).ConfigureAwait(false);
        }

        if (!partition.Leaving.IsCancellationRequested)
        {
            return true;
        }

        checkpoints.Left(number);
        await LeaveLogsAsync(number).ConfigureAwait(false);
        return false;
    }

    private Task ShardIsHereAsync(int shard, CancellationToken leaving)
    {
        var isHere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = system.ActorOf(ShardArrival.Props(shard, region, owners, _node, isHere, leaving));
        return isHere.Task;
    }

    private static async Task ThrowIfBeyondEndAsync(PartitionProgress progress, long offset)
    {
        if (await progress.Partition.QueryEndOffsetAsync(EndTimeout).ConfigureAwait(false) is { } end && offset > end)
        {
            throw new InvalidOperationException(
                $"The checkpoint of partition {progress.Partition.Partition} has come to offset {offset}, but the partition ends at {end}: "
                    + "the topic was made anew or cut since, and GPUs would skip all records up to there. Delete the checkpoints of "
                    + "the old topic (\"delete from gpu_checkpoint\" in the database of the journal), or name another topic"
            );
        }
    }

    // A partition that was lost and comes back to the same node finds its GPUs' actors alive. They know of alerts that were given up with
    // it, and would skip the samples that raise these alerts again.
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
            // It leaves again: its next assignment starts from the checkpoint.
            checkpoints.Lost(shard);
        }
    }

    private async Task ReleaseAsync(PartitionProgress progress)
    {
        var partition = progress.Partition.Partition;
        checkpoints.Left(partition);
        await LeaveLogsAsync(partition).ConfigureAwait(false);
        await CheckpointAsync(progress).ConfigureAwait(false);
        Logs.Remove(partition);
    }

    private Task LeaveLogsAsync(int partition) => logs?.LeaveAsync(partition) ?? Task.CompletedTask;

    private async Task CheckpointAsync(PartitionProgress progress)
    {
        if (!checkpoints.Enabled)
        {
            return;
        }

        // The offsets are read before the states: the states have reached at least these offsets.
        var partition = progress.Partition.Partition;
        var logProgress = Logs.Of(partition);
        var (offset, logOffset) = (progress.AppliedUpTo, logProgress?.AppliedUpTo);
        if (!await KeepForeignAsync(progress.Foreign).ConfigureAwait(false))
        {
            return;
        }

        var written = await checkpoints
            .WriteAsync(
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
        var what = FormattableString.Invariant($"the checkpoint of partition {partition}");
        if (written || progress.Partition.HasGone)
        {
            metrics.Troubles.Over(DetectRole, what);
        }
        else
        {
            metrics.Troubles.Failed(DetectRole, what, "It is not written; the log has the cause");
        }
    }

    // Other shards must be checkpointed before the offset of this partition, which has held records of their GPUs, may move.
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
}
