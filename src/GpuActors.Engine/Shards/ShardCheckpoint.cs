using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace GpuActors.Engine.Shards;

/// <summary>
/// One shard's checkpoint in the database, as a snapshot whose sequence number is the offset that its states have reached. The highest is
/// read: a node that was cut off, or slept, and writes what it knew overwrites nothing of its successor's. Tells its parent what was kept;
/// stops when that can't be read.
/// </summary>
internal sealed class ShardCheckpoint : UntypedPersistentActor
{
    // The least sequence number that there is: of states that have reached no offset.
    private const long None = 1;

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ShardSnapshot _recovered = ShardSnapshot.Empty;
    private long _highest = None;
    private bool _writing;

    public ShardCheckpoint(int partition) => PersistenceId = IdOf(partition);

    public override string PersistenceId { get; }

    /// <summary>Persistence id of a shard.</summary>
    public static string IdOf(int partition) => $"gpu-shard-{partition}";

    public static Props Props(int partition) => Akka.Actor.Props.Create(() => new ShardCheckpoint(partition));

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: byte[] snapshot } offer:
                _highest = Math.Max(_highest, offer.Metadata.SequenceNr);
                _recovered = ShardSnapshot.Load(snapshot);
                break;
            case RecoveryCompleted:
                Context.Parent.Tell(new Recovered(_highest > None ? _highest : 0, _recovered));
                _recovered = ShardSnapshot.Empty;
                break;
        }
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _log.Warning(reason, "Checkpoint {0} can't be read", PersistenceId);
        base.OnRecoveryFailure(reason, message);
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Write when _writing:
                Context.Parent.Tell(new Written(false)); // The database is slow: the next turn is for this one too.
                break;
            case Write write:
                _writing = true;
                // Without a new sample the states, which go on from those that were read, may have changed all the same.
                _highest = Math.Max(_highest, write.Offset);
                SnapshotStore.Tell(
                    new SaveSnapshot(
                        new SnapshotMetadata(PersistenceId, _highest, Context.System.Scheduler.Now.UtcDateTime),
                        write.Snapshot
                    )
                );
                break;
            case SaveSnapshotSuccess saved:
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                _writing = false;
                Context.Parent.Tell(new Written(true));
                break;
            case SaveSnapshotFailure failed:
                _log.Warning(failed.Cause, "Checkpoint {0} could not be written; it is tried again at the next turn", PersistenceId);
                _writing = false;
                Context.Parent.Tell(new Written(false));
                break;
        }
    }

    /// <summary>To the parent: what the database has.</summary>
    /// <param name="Offset">Offset that the states have reached; 0 for none.</param>
    /// <param name="Snapshot">The states and what belongs to them.</param>
    public sealed record Recovered(long Offset, ShardSnapshot Snapshot) : INoSerializationVerificationNeeded;

    /// <summary>Writes a snapshot; answered to the parent by <see cref="Written"/>.</summary>
    public sealed record Write(long Offset, byte[] Snapshot) : INoSerializationVerificationNeeded;

    /// <summary>Answers <see cref="Write"/>.</summary>
    public sealed record Written(bool Success) : INoSerializationVerificationNeeded;
}
