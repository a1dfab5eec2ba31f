using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using GpuActors.Core.Incidents;
using static GpuActors.Engine.Protocol.IncidentProtocol;

namespace GpuActors.Engine.Incidents;

/// <summary>
/// The journal of incidents, separate from the actor that decides, so that no alert waits for a database. It keeps a state of its own, so
/// that a snapshot contains exactly the events before it. It stops if the database is not available, and is restarted later.
/// </summary>
internal sealed class IncidentJournal : UntypedPersistentActor
{
    /// <summary>Persistence id; there is one in the cluster.</summary>
    public const string Id = "gpu-incidents";

    private const int EventsPerSnapshot = 500;
    private readonly IncidentSettings _settings;
    private IncidentState _state;

    public IncidentJournal(IncidentSettings settings)
    {
        _settings = settings;
        _state = new IncidentState(settings);
    }

    public override string PersistenceId => Id;

    public static Props Props(IncidentSettings settings) => Akka.Actor.Props.Create(() => new IncidentJournal(settings));

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: Memory memory }:
                _state = IncidentState.Load(_settings, memory.State);
                break;
            case RecoveryCompleted:
                Context.Parent.Tell(new Recovered(IncidentState.Load(_settings, _state.Save())));
                break;
            default:
                Apply(message);
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Evaluated or Published:
                PersistAsync(message, Persisted);
                break;
            case Replace replace:
                _state = IncidentState.Load(_settings, replace.State);
                // A number of its own, so that no fact before it is read after it.
                PersistAsync(new Published("", 0), _ => SaveSnapshot(new Memory(_state.Save())));
                break;
            case Finish finish:
                DeferAsync(finish, _ => Context.Parent.Tell(Finished.Instance));
                break;
            case SaveSnapshotSuccess saved:
                DeleteMessages(saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                break;
            case SaveSnapshotFailure failed:
                Context
                    .GetLogger()
                    .Warning(failed.Cause, "The incident journal could not write a snapshot; recovery reads more events meanwhile");
                break;
        }
    }

    private void Persisted(object fact)
    {
        Apply(fact);
        if (LastSequenceNr % EventsPerSnapshot == 0)
        {
            SaveSnapshot(new Memory(_state.Save()));
        }
    }

    private void Apply(object fact)
    {
        switch (fact)
        {
            case Evaluated evaluated:
                _state.Apply(evaluated.Step);
                break;
            case Published published:
                _state.Published(published.IncidentId, published.Seq);
                break;
        }
    }
}
