using Akka.Event;
using GpuActors.Core.Messaging;
using GpuActors.Engine.Metrics;

namespace GpuActors.Engine.Streams;

/// <summary>Tells of streams and partitions that fail: in the log, in the metrics, and in the readiness of their role.</summary>
/// <param name="role">The role: "detect".</param>
/// <param name="topic">What is read.</param>
/// <param name="metrics">Counters and troubles.</param>
/// <param name="log">Gets a warning per failure.</param>
internal sealed class StreamWatch(string role, string topic, EngineMetrics metrics, ILoggingAdapter log)
{
    private readonly string _stream = $"the stream of {topic}";

    /// <summary>The whole stream has failed and is created again.</summary>
    public void Failed(Exception failure)
    {
        var cause = failure.GetBaseException().Message;
        log.Warning("The {0} stream of {1} failed and restarts from its offsets: {2}", role.ToUpperInvariant(), topic, cause);
        metrics.Troubles.Failed(role, _stream, cause);
    }

    /// <summary>The stream has been assigned a partition: it runs.</summary>
    public void Opened(IAssignedPartition partition)
    {
        metrics.Troubles.Over(role, _stream);
        // One that leaves in good order is its next owner's from now on.
        partition.Leaving.Register(() =>
        {
            if (!partition.HasGone)
            {
                Worked(partition.Partition);
            }
        });
    }

    /// <summary>A partition waits for something, until a task is complete.</summary>
    public void Waits(int partition, Task until, string cause)
    {
        if (until.IsCompleted)
        {
            return;
        }

        var what = $"the arrival of {NameOf(partition)}";
        metrics.Troubles.Waits(role, what, cause);
        _ = until.ContinueWith(
            _ => metrics.Troubles.Over(role, what),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    /// <summary>One partition has failed and is read again; the others go on.</summary>
    public void Failed(int partition, string cause)
    {
        log.Warning(
            "Partition {0} of {1} failed in {2} and is read again from its offset; the others go on: {3}",
            partition,
            topic,
            role.ToUpperInvariant(),
            cause
        );
        metrics.PartitionReopened();
        metrics.Troubles.Failed(role, NameOf(partition), cause);
    }

    /// <summary>A batch of a partition is done, or the partition is another node's.</summary>
    public void Worked(int partition)
    {
        if (metrics.Troubles.Any)
        {
            metrics.Troubles.Over(role, NameOf(partition));
        }
    }

    private string NameOf(int partition) => FormattableString.Invariant($"partition {partition} of {topic}");
}
