using Akka;
using Akka.Streams.Dsl;
using GpuActors.Engine.Streams;
using GpuActors.Kafka.Consuming;

namespace GpuActors.Host.Node;

/// <summary>
/// A consumer as the engine wants it: a source that can be made again after a failure, and that can be stopped from outside whichever run
/// of it is the current one.
/// </summary>
internal sealed class PartitionReader<TBatch>(Func<Source<CommittablePartition<TBatch>, IConsumerControl>> create)
    where TBatch : class
{
    private readonly Lock _gate = new();
    private IConsumerControl? _control;
    private bool _stopping;

    /// <summary>Records in the log that are not read yet; -1 while unknown.</summary>
    public long Lag => Current?.Lag ?? -1;

    /// <summary>Partitions assigned now.</summary>
    public int Partitions => Current?.Partitions.Count ?? 0;

    /// <summary>Records read by the current run.</summary>
    public long Records => Current?.Records ?? 0;

    /// <summary>Batches handed over and not done.</summary>
    public int BatchesInFlight => Current?.BatchesInFlight ?? 0;

    /// <summary>The source; empty once stopping, so that a restart after a failure does not read on.</summary>
    public Source<PartitionSource<TBatch>, NotUsed> Source()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return Akka.Streams.Dsl.Source.Empty<PartitionSource<TBatch>>();
            }
        }

        return create()
            .MapMaterializedValue(Enter)
            .Select(partition => new PartitionSource<TBatch>(partition.Partition, partition.Batches, partition.Done)
            {
                CommitUpTo = partition.CommitUpTo,
                BeforeRelease = release => partition.BeforeRelease = release,
                Leaving = partition.Leaving,
                Skip = partition.Skip,
                HasGone = () => partition.HasGone,
                QueryEndOffset = partition.QueryEndOffset,
            });
    }

    /// <summary>Stops reading; completes when what was read is done (or the time for that is over) and committed.</summary>
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

    /// <summary>Leaves the group at once, whatever is on its way.</summary>
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
