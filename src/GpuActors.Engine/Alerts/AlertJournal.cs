using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using static GpuActors.Engine.Alerts.OutboxProtocol;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Event-sourced memory of what the outbox delivered. Events are the keys of transitions; a snapshot now and then keeps recovery short.
/// If the database can't be reached the journal stops and the outbox goes on without it.
/// </summary>
internal sealed class AlertJournal : UntypedPersistentActor
{
    private const int EventsPerSnapshot = 1000;
    private readonly RecentKeys _keys;

    public AlertJournal(string id, int capacity)
    {
        PersistenceId = id;
        _keys = new RecentKeys(capacity);
    }

    public override string PersistenceId { get; }

    public static Props Props(string id, int capacity) => Akka.Actor.Props.Create(() => new AlertJournal(id, capacity));

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: string keys }:
                foreach (var key in keys.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    _keys.Add(key);
                }

                break;
            case string key:
                _keys.Add(key);
                break;
            case RecoveryCompleted:
                Context.Parent.Tell(new Remembered(_keys.Keys.ToArray()));
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Remember remember:
                PersistAsync(remember.Key, Persisted);
                break;
            case SaveSnapshotSuccess saved:
                DeleteMessages(saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                break;
            case SaveSnapshotFailure failed:
                Context.GetLogger().Warning(failed.Cause, "The alert journal could not write a snapshot; recovery reads more events meanwhile");
                break;
        }
    }

    private void Persisted(string key)
    {
        _keys.Add(key);
        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(string.Join('\n', _keys.Keys));
        }
    }
}
