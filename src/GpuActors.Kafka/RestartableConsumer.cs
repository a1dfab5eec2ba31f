using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Consuming;

namespace GpuActors.Kafka;

/// <summary>
/// A consumer whose source can be run again after a failure, and that is measured and stopped from outside whichever run is the current
/// one. Thread-safe.
/// </summary>
/// <typeparam name="TBatch">The records that one poll reads from one partition.</typeparam>
/// <param name="create">Creates the source of one run (<see cref="KafkaSource"/>).</param>
public sealed class RestartableConsumer<TBatch>(Func<Source<IPartitionBatches<TBatch>, IConsumerControl>> create)
    where TBatch : class
{
    // A group distributes its partitions within seconds after a member has joined.
    private static readonly TimeSpan DistributionTime = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private IConsumerControl? _control;
    private bool _stopping;

    /// <summary>Records in the log that are not read yet; -1 while unknown.</summary>
    public long Lag => Current?.Lag ?? -1;

    /// <summary>Partitions assigned now.</summary>
    public int Partitions => Current?.Partitions.Count ?? 0;

    /// <summary>
    /// Whether it reads, or has been a member of its group for so long that the group has no partition for it: more members than
    /// partitions are no fault.
    /// </summary>
    public bool IsReady => Partitions > 0 || Current?.MemberFor > DistributionTime;

    /// <summary>The partitions as they are assigned; empty after a stop, so that a restart after a failure reads nothing.</summary>
    public Source<IPartitionBatches<TBatch>, NotUsed> Source()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return Akka.Streams.Dsl.Source.Empty<IPartitionBatches<TBatch>>();
            }
        }

        return create().MapMaterializedValue(Enter);
    }

    /// <summary>
    /// Stops reading. Completes when the batches in flight are done, or the time for that is over, and committed.
    /// </summary>
    public Task StopAsync()
    {
        IConsumerControl? control;
        lock (_gate)
        {
            _stopping = true;
            control = _control;
        }

        return control?.DrainAndStop() ?? Task.CompletedTask;
    }

    /// <summary>Leaves the group at once; batches in flight are read again by the next owner.</summary>
    public Task AbortAsync()
    {
        lock (_gate)
        {
            _stopping = true;
            return _control?.Abort() ?? Task.CompletedTask;
        }
    }

    private IConsumerControl? Current
    {
        get
        {
            lock (_gate)
            {
                return _control;
            }
        }
    }

    private NotUsed Enter(IConsumerControl control)
    {
        lock (_gate)
        {
            _control = control;
            if (_stopping)
            {
                _ = control.DrainAndStop();
            }
        }

        return NotUsed.Instance;
    }
}
