using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Hosts;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.GpuActorProtocol;
using static GpuActors.Engine.Protocol.HostProtocol;

namespace GpuActors.Engine.Gpus;

/// <summary>
/// The actor of one GPU: a shell that applies samples to the pure <see cref="GpuState"/> and sends the resulting transitions to the outbox.
/// Before its first sample it loads the state of the last checkpoint from the memory of its shard.
/// </summary>
internal sealed class GpuActor : UntypedActor, IWithUnboundedStash, IWithTimers
{
    private const string VerdictTimer = "verdict";

    // The host's actor may be starting, or its node may be under load. No answer says nothing about the host, so the question is repeated.
    private const int MostQuestions = 5;

    // Slightly longer than the host waits for the other GPUs.
    private static readonly TimeSpan VerdictTimeout = TimeSpan.FromSeconds(1);

    private readonly GpuServices _services;
    private readonly GpuIdentity _gpu;
    private readonly List<AlertTransition> _transitions = [];
    private GpuState _state;
    private GpuRoute? _route;
    private int _clockSteps;
    private long _epoch;

    public GpuActor(GpuId gpu, GpuServices services)
    {
        _services = services;
        _gpu = services.Routes.Registry.Intern(gpu);
        _state = new GpuState(gpu);
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(GpuId gpu, GpuServices services) => Akka.Actor.Props.Create(() => new GpuActor(gpu, services));

    protected override void PreStart()
    {
        if (_services.Checkpoints is { } checkpoints)
        {
            // The shard's memory always answers: it is on this node, and its wait for the database is limited.
            checkpoints.Tell(new CheckpointProtocol.Load(_gpu.Id));
            Become(WaitingForState);
        }
    }

    protected override void PostStop()
    {
        _services.Routes.Leave(_gpu, Self);
        if (_epoch != 0)
        {
            _services.Epochs.Ended(_gpu.Id, _epoch, _state.Samples);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IngestSamples ingest:
                Ingest(ingest);
                break;
            case IngestLog log:
                Ingest(log);
                break;
            case CheckAbsence check:
                CheckForAbsence(check.NowMs);
                break;
            case AbsenceVerdict verdict:
                Timers.Cancel(VerdictTimer);
                CheckAbsence(verdict);
                Publish(null);
                break;
            case Unanswered unanswered:
                AskForCause(unanswered.NowMs, unanswered.Questions);
                break;
            case WhenHeard:
                Sender.Tell(
                    new Heard(
                        _gpu.Id,
                        new LastHeard(_state.LastHeardMs, _state.HeardSinceMs, _services.Rules.Current.Absence.LimitMs(_state.IntervalMs))
                    )
                );
                break;
            case Peers peers:
                _state.Apply(peers.Content, _services.Rules.Current, _transitions);
                Publish(null);
                break;
            case GetStatus:
                Sender.Tell(new CurrentStatus(_gpu.Id, _state.Samples == 0 ? null : _state.Status(_services.Rules.Current)));
                break;
            case CheckpointProtocol.SaveState save:
                Save(save);
                break;
            case CheckpointProtocol.Recovered recovered:
                _state.Recover(recovered.Saved);
                Route(_state.LastHeardMs);
                break;
            case Retire retire:
                RetireIfMeant(retire);
                break;
            case Forget:
                Context.Parent.Tell(new Passivate(PoisonPill.Instance));
                break;
            case HandOff:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void WaitingForState(object message)
    {
        if (message is CheckpointProtocol.Loaded loaded)
        {
            Restore(loaded);
            _epoch = loaded.Epoch;
            _services.Epochs.Began(_gpu.Id, _epoch, _state.Samples);
            Become(OnReceive);
            Stash.UnstashAll();
        }
        else
        {
            Stash.Stash();
        }
    }

    // A GPU whose snapshot cannot be read loses its windows until it can, but not its open alerts.
    private void Restore(CheckpointProtocol.Loaded loaded)
    {
        if (loaded.Kept is { State: null } damaged)
        {
            _services.Metrics.SnapshotUnreadable();
            Context.GetLogger().Warning("{0}. The GPU starts with empty windows", damaged.Problem);
        }

        if (loaded.Kept?.State is { } kept)
        {
            _state = kept;
            foreach (var transition in loaded.Published)
            {
                _state.Recall(transition);
            }
        }
        else
        {
            foreach (var alert in loaded.Open)
            {
                _state.RecallOpen(alert);
            }
        }

        if (loaded.Kept?.State is not null)
        {
            Route(_state.LastHeardMs);
            // The host's actor may have started anew on the same occasion, and the next report follows at the end of the minute.
            if (_state.Presence is { } presence)
            {
                _services.Hosts.Tell(new Report(presence));
            }
        }
    }

    private void CheckForAbsence(long nowMs)
    {
        if (!Timers.IsTimerActive(VerdictTimer))
        {
            AskForCause(nowMs, asked: 0);
        }
    }

    // The host finds out whether the other GPUs are absent too. Without its answer the alert states only that this GPU is absent.
    private void AskForCause(long nowMs, int asked)
    {
        if (!_state.IsAbsent(nowMs, _services.Rules.Current))
        {
            return;
        }

        if (_state.Info.Host.Length == 0 || asked == MostQuestions)
        {
            CheckAbsence(new AbsenceVerdict(_gpu.Id, nowMs, RuleCatalog.GpuAbsent));
            Publish(null);
            return;
        }

        _services.Hosts.Tell(new BecameAbsent(_state.Info.Host, _gpu.Id, _state.LastHeardMs, _state.IntervalMs, nowMs));
        Timers.StartSingleTimer(VerdictTimer, new Unanswered(nowMs, asked + 1), VerdictTimeout);
    }

    // The exporter may be down for the GPUs that it would report, but one that its host reports without is lost.
    private void CheckAbsence(AbsenceVerdict verdict)
    {
        var rules = _services.Rules.Current;
        var cause = _state.ExporterIsDown && verdict.Cause != RuleCatalog.GpuLost ? RuleCatalog.ExporterDown : verdict.Cause;
        _state.CheckAbsence(verdict.NowMs, cause, rules, _transitions);
        _route?.Absent(_state, rules, cause, verdict.NowMs);
    }

    private void Ingest(IngestSamples ingest)
    {
        var applied = 0;
        for (var sample = ingest.First; sample is not null; sample = sample.NextOfGpu)
        {
            applied += _state.Apply(sample, _services.Rules.Current, _transitions) ? 1 : 0;
            if (_state.Report is { } report)
            {
                _services.Hosts.Tell(new Report(report));
            }
        }

        _services.Metrics.Applied(applied);
        if (_state.ClockSteps != _clockSteps)
        {
            NoteClockStep();
        }

        var ticket = ingest.Ticket ?? TicketOfRemote(ingest.BatchNo);
        Publish(ticket);
        Route(ingest.First.AppendTimeMs);
        ticket.Complete();
    }

    private void NoteClockStep()
    {
        _clockSteps = _state.ClockSteps;
        _services.Metrics.ClockStepped();
        Context
            .GetLogger()
            .Warning(
                "The clock of the samples of {0} ({1}) was ahead of the broker's and has been set back: check the time synchronization",
                _gpu.Id,
                _state.Info.Host
            );
    }

    private void Ingest(IngestLog log)
    {
        if (_state.Apply(log.Record.Line, log.Partition, log.Record.Offset, log.Record.AppendTimeMs, _services.Rules.Current, _transitions))
        {
            _services.Metrics.LogApplied();
        }

        var ticket = log.Ticket ?? TicketOfRemote(log.BatchNo);
        Publish(ticket);
        Route(log.Record.AppendTimeMs);
        ticket.Complete();
    }

    // Alerts resolve before the state goes: until the next checkpoint the state comes back after a crash, and the GPU is retired again.
    private void RetireIfMeant(Retire retire)
    {
        var host = _state.Info.Host;
        var isMeant = retire.Scope switch
        {
            RetireScope.Gpu => _gpu.Id.Value == retire.Name,
            RetireScope.Host => host.Length > 0 && host == retire.Name,
            _ => host.Length > 0 && _services.Topology.Of(host).Rack == retire.Name,
        };
        Sender.Tell(new Retired(isMeant));
        if (!isMeant)
        {
            return;
        }

        _state.Retire(_services.Time.GetUtcNow().ToUnixTimeMilliseconds(), _services.Rules.Current, _transitions);
        Publish(null);
        _services.Checkpoints?.Tell(new CheckpointProtocol.Retired(_gpu.Id));
        if (host.Length > 0)
        {
            _services.Hosts.Tell(new GpuRetired(host, _gpu.Id));
        }

        _services.Metrics.Retired();
        Context.Parent.Tell(new Passivate(PoisonPill.Instance));
    }

    // From now on the feeder of this node sends to this actor directly, checks for absence see it, and checkpoints include it.
    private void Route(long appendTimeMs)
    {
        _route ??= _services.Routes.Enter(_gpu, Self, appendTimeMs);
        _route.Heard(_state, _services.Rules.Current);
    }

    // A message from another node is acknowledged by a message, once its transitions are delivered.
    private BatchTicket TicketOfRemote(long batchNo)
    {
        _services.Metrics.Remote();
        var ticket = new BatchTicket(batchNo);
        ticket.Done.PipeTo(Sender, Self, success: () => new Ingested(batchNo));
        return ticket;
    }

    private void Publish(BatchTicket? ticket)
    {
        if (_transitions.Count == 0)
        {
            return;
        }

        var detected = _services.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var transition in _transitions)
        {
            ticket?.Add();
            _services.Outbox.Tell(new OutboxProtocol.Publish(transition with { DetectedAtMs = detected }, ticket));
        }

        _transitions.Clear();
    }

    // An actor that has no route has neither been restored nor applied anything.
    private void Save(CheckpointProtocol.SaveState save)
    {
        if (_route is not null)
        {
            save.Draft.Add(_gpu.Id, save.Slot, _state);
        }

        Sender.Tell(new CheckpointProtocol.StateSaved(_gpu.Id, _route is not null));
    }

    private sealed record Unanswered(long NowMs, int Questions) : INoSerializationVerificationNeeded;
}
