using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using GpuActors.Core.Samples;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.CheckpointProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>Writes the checkpoints of the shards on this node. Knows no region, so that it exists before the shards do.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds no operating system handle: its WaitHandle is never used")]
internal sealed class ShardCheckpoints(GpuRoutes routes, IActorRef? keeper, IActorRef outbox, AlertEnds ends, int partitions)
{
    // A round ends earlier than this: it waits for GPUs, alerts and the database for at most half a minute each.
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromSeconds(90);

    // Held while a shard is checkpointed whose partition is not on this node: it is on its way, or is not consumed.
    private readonly SemaphoreSlim _withoutPartition = new(1);
    private readonly ConcurrentDictionary<int, Task> _arrivals = new();
    private readonly ConcurrentDictionary<int, bool> _lost = new();

    /// <summary>Whether states are checkpointed at all (<see cref="DetectSettings.Checkpoints"/>).</summary>
    public bool Enabled => keeper is not null;

    /// <summary>The partitions of samples.</summary>
    public PartitionTable Samples { get; } = new();

    /// <summary>The partitions of kernel logs.</summary>
    public PartitionTable Logs { get; } = new();

    /// <summary>Notes the arrival of a partition of samples, until <see cref="Left"/>.</summary>
    public void Arrives(int partition, Task arrival) => _arrivals[partition] = arrival;

    /// <summary>Notes that a partition of samples leaves.</summary>
    public void Left(int partition)
    {
        Samples.Remove(partition);
        _arrivals.TryRemove(partition, out _);
    }

    /// <summary>The arrival of a GPU's partition; null when it is not assigned to this node.</summary>
    public Task? ArrivalOf(GpuId gpu) => _arrivals.GetValueOrDefault(Murmur2.Partition(gpu, partitions));

    /// <summary>Notes that a partition was lost: nothing is written for it until it has been taken again.</summary>
    public void Lost(int partition) => _lost[partition] = true;

    /// <summary>Ends the state after <see cref="Lost"/>.</summary>
    /// <returns>Whether the partition had been lost.</returns>
    public bool Retake(int partition) => _lost.TryRemove(partition, out _);

    /// <summary>
    /// Reads a shard's last checkpoint, so that its GPUs can start. Answers an empty one where checkpoints are switched off.
    /// </summary>
    /// <exception cref="OperationCanceledException">The partition leaves.</exception>
    public Task<Opened> OpenAsync(int partition, CancellationToken leaving) =>
        keeper is null || leaving.IsCancellationRequested
            ? Task.FromResult(new Opened(0, null, []))
            : keeper.Ask<Opened>(new Open(partition), Timeout.InfiniteTimeSpan, leaving);

    /// <summary>Writes the states of a shard because another partition has had records of its GPUs.</summary>
    /// <returns>
    /// Whether they are in the database. False as well for a shard whose partition was lost: its next owner must write them.
    /// </returns>
    public async Task<bool> KeepAsync(int shard) =>
        !_lost.ContainsKey(shard) && await WriteAsync(shard, Samples.Of(shard), () => { }).ConfigureAwait(false);

    /// <summary>Writes a checkpoint of a shard, one at a time.</summary>
    /// <param name="partition">The shard.</param>
    /// <param name="progress">Its partition; null when that is not on this node.</param>
    /// <param name="commit">Called when the checkpoint is in the database.</param>
    /// <returns>Whether it is in the database.</returns>
    public async Task<bool> WriteAsync(int partition, PartitionProgress? progress, Action commit)
    {
        if (keeper is null)
        {
            return true;
        }

        var gate = progress?.Checkpointing ?? _withoutPartition;
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            // The offsets are read before the states: the states have reached at least these offsets.
            var flush = new Flush(
                partition,
                progress?.AppliedUpTo ?? 0,
                Logs.Of(partition)?.AppliedUpTo,
                ends[partition],
                routes.OfShard(partition, partitions)
            );
            if (!(await keeper.Ask<Flushed>(flush, RoundTimeout).ConfigureAwait(false)).Written)
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
