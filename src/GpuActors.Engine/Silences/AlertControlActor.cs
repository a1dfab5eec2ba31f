using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using GpuActors.Core.Silences;
using static GpuActors.Engine.Protocol.AlertControlProtocol;

namespace GpuActors.Engine.Silences;

/// <summary>
/// Acknowledgements and silences of the fleet: a cluster singleton. A change is in the database before the operator gets the answer. Each
/// node has a copy, so no alert waits for this actor.
/// </summary>
internal sealed class AlertControlActor : UntypedPersistentActor
{
    /// <summary>Persistence id; there is one in the cluster.</summary>
    public const string Id = "gpu-alert-control";

    private const int EventsPerSnapshot = 200;
    private readonly TimeProvider _time;
    private readonly HashSet<IActorRef> _nodes = [];
    private AlertControlState _state = new();

    public AlertControlActor(TimeProvider time) => _time = time;

    public override string PersistenceId => Id;

    /// <summary>The actor under a supervisor that restarts it while the database is not available.</summary>
    public static Props Props(TimeProvider time) =>
        BackoffSupervisor.Props(
            Backoff.OnStop(
                Akka.Actor.Props.Create(() => new AlertControlActor(time)),
                "state",
                TimeSpan.FromSeconds(1),
                TimeSpan.FromSeconds(30),
                0.2,
                -1
            )
        );

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: Memory memory }:
                _state = AlertControlState.Load(memory.State);
                break;
            case Happened happened:
                _state.Apply(happened.Fact);
                break;
        }
    }

    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Execute execute:
                Do(execute.Command);
                break;
            case Subscribe subscribe:
                if (_nodes.Add(Sender))
                {
                    Context.Watch(Sender);
                }

                if (subscribe.Version != LastSequenceNr)
                {
                    Sender.Tell(Now());
                }

                break;
            case Terminated gone:
                _nodes.Remove(gone.ActorRef);
                break;
            case SaveSnapshotSuccess saved:
                DeleteMessages(saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                break;
            case SaveSnapshotFailure failed:
                Context
                    .GetLogger()
                    .Warning(failed.Cause, "The journal of silences could not write a snapshot; recovery reads more events meanwhile");
                break;
        }
    }

    private void Do(AlertControlCommand command)
    {
        var asker = Sender;
        var outcome = _state.Decide(command, _time.GetUtcNow().ToUnixTimeMilliseconds());
        if (outcome.Event is not { } fact)
        {
            asker.Tell(new Executed(outcome.Problem, outcome.IsMissing));
            return;
        }

        Persist(
            new Happened(fact),
            happened =>
            {
                _state.Apply(happened.Fact);
                asker.Tell(new Executed(null, false));
                var copy = Now();
                foreach (var node in _nodes)
                {
                    node.Tell(copy);
                }

                if (LastSequenceNr % EventsPerSnapshot == 0)
                {
                    SaveSnapshot(new Memory(_state.Save()));
                }
            }
        );
    }

    private Copy Now() => new(LastSequenceNr, _state.Save());
}
