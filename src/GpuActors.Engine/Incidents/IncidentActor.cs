using System.Text;
using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Messaging;
using static GpuActors.Engine.Protocol.IncidentProtocol;

namespace GpuActors.Engine.Incidents;

/// <summary>
/// Decides which alerts form an incident: a cluster singleton around <see cref="IncidentState"/>. It answers from memory at once and
/// writes to the journal and the broker afterwards. Records of an incident are published one at a time; changes meanwhile go into the next.
/// </summary>
internal sealed class IncidentActor : UntypedActor, IWithTimers, IWithUnboundedStash
{
    private const int RememberedSteps = 10_000;
    private static readonly TimeSpan JournalPause = TimeSpan.FromSeconds(10);

    private readonly IncidentOptions _options;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inFlight = new(StringComparer.Ordinal);
    private List<IncidentStep>? _untilRecovered = [];
    private IncidentState _state;
    private IActorRef? _journal;
    private bool _journalIsBehind;

    public IncidentActor(IncidentOptions options)
    {
        _options = options;
        _state = new IncidentState(options.Settings);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    public static Props Props(IncidentOptions options) => Akka.Actor.Props.Create(() => new IncidentActor(options));

    protected override void PreStart()
    {
        if (_options.Settings.Journal)
        {
            StartJournal();
            Timers.StartSingleTimer("journal", Tick.GoOn, _options.Settings.JournalTimeout);
            Become(WaitingForJournal);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Decide decide:
                Evaluate(decide);
                break;
            case Delivered delivered:
                Settle(delivered);
                break;
            case Tick.Publish:
                PublishChanged();
                break;
            case GetIncidents get:
                Sender.Tell(
                    new IncidentList([
                        .. _state
                            .Incidents()
                            .Reverse()
                            .Where(i => !get.OpenOnly || i.State == AlertState.Firing)
                            .Take(get.Limit)
                            .Select(i => i with { Members = [.. i.Members.Take(get.MembersEach)] }),
                    ])
                );
                break;
            case GetIncident get:
                Sender.Tell(new FoundIncident(_state.Find(get.IncidentId)));
                break;
            case IsOpen asked:
                Sender.Tell(new Openness(_state.IsOpen(asked.AlertId)));
                break;
            case Recovered recovered:
                Remember(recovered.State);
                break;
            case Finish:
                Stop();
                break;
            case Tick.StartJournal:
                StartJournal();
                break;
            case Terminated:
                _log.Warning(
                    "The incident journal stopped; it restarts in {0}. After a fail-over before that, recent alerts may page again",
                    JournalPause
                );
                _journal = null;
                _journalIsBehind = true;
                Timers.StartSingleTimer("start-journal", Tick.StartJournal, JournalPause);
                break;
        }
    }

    private void WaitingForJournal(object message)
    {
        if (message is not (Recovered or Tick.GoOn or Terminated))
        {
            Stash.Stash();
            return;
        }

        Timers.Cancel("journal");
        Become(OnReceive);
        OnReceive(message);
        Stash.UnstashAll();
    }

    // The next instance must know the last decisions: an alert that it takes for open would keep others from paging.
    private void Stop()
    {
        if (_journal is null)
        {
            Context.Stop(Self);
            return;
        }

        _journal.Tell(Finish.Instance);
        Timers.StartSingleTimer("finish", Finished.Instance, _options.Settings.JournalTimeout);
        Become(message =>
        {
            if (message is Finished or Terminated)
            {
                Context.Stop(Self);
            }
        });
    }

    private void StartJournal() => _journal = Context.Watch(Context.ActorOf(IncidentJournal.Props(_options.Settings)));

    private void Remember(IncidentState remembered)
    {
        if (_untilRecovered is { } since)
        {
            // Decisions made before the journal answered are applied on top.
            _state = remembered;
            since.ForEach(step => _state.Apply(step));
            _untilRecovered = null;
        }

        if (_journalIsBehind)
        {
            _journalIsBehind = false;
            _journal?.Tell(new Replace(_state.Save()));
        }

        _changed.UnionWith(_state.Unpublished());
        PublishChanged();
        Report();
    }

    private void Evaluate(Decide decide)
    {
        var step = _state.Decide(decide.Alert, decide.Silenced);
        Sender.Tell(new Decided(decide.Alert.Id, step.IncidentId, step.Page));
        if (!step.Changes)
        {
            if (
                decide.Alert.State == AlertState.Firing
                && !_state.IsOpen(decide.Alert.AlertId)
                && _state.OpenAlerts >= _options.Settings.MaxOpenAlerts
            )
            {
                _options.Metrics.IncidentAlertLeftOut();
            }

            return;
        }

        var changed = _state.Apply(step);
        if (_untilRecovered is { Count: < RememberedSteps } since)
        {
            since.Add(step);
        }

        _journal?.Tell(new Evaluated(step));
        Report();
        foreach (var id in changed)
        {
            _changed.Add(id);
            if (!_inFlight.Contains(id) && _state.Find(id) is { } incident && (incident.Seq == 1 || incident.State == AlertState.Resolved))
            {
                Publish(incident);
            }
        }

        PublishLater();
    }

    private void PublishChanged()
    {
        foreach (var id in _changed.Except(_inFlight, StringComparer.Ordinal).ToList())
        {
            if (_state.Find(id) is { } incident)
            {
                Publish(incident);
            }
            else
            {
                _changed.Remove(id);
            }
        }

        PublishLater();
    }

    private void Publish(IncidentRecord incident)
    {
        var self = Self;
        var (id, seq) = (incident.IncidentId, incident.Seq);
        var record = new OutgoingRecord(_options.Topic, Encoding.ASCII.GetBytes(id), IncidentCodec.Encode(incident));
        try
        {
            if (_options.Producer.TryProduce(record, (_, error, _) => self.Tell(new Delivered(id, seq, error))))
            {
                _changed.Remove(id);
                _inFlight.Add(id);
            }
        }
        catch (ObjectDisposedException)
        {
            // The node is stopping: the next instance publishes it.
        }
    }

    private void Settle(Delivered delivered)
    {
        _inFlight.Remove(delivered.IncidentId);
        if (delivered.Error is { } error)
        {
            _log.Warning("Incident {0} can't be published: {1}; trying again", delivered.IncidentId, error);
            _changed.Add(delivered.IncidentId);
        }
        else
        {
            _state.Published(delivered.IncidentId, delivered.Seq);
            _journal?.Tell(new Published(delivered.IncidentId, delivered.Seq));
            _options.Metrics.IncidentPublished();
        }

        PublishLater();
    }

    private void PublishLater()
    {
        if (_changed.Count > 0 && !Timers.IsTimerActive("publish"))
        {
            Timers.StartSingleTimer("publish", Tick.Publish, _options.Settings.PublishInterval);
        }
    }

    private void Report() => _options.Metrics.Incidents(_state.OpenIncidents, _state.OpenAlerts);

    private enum Tick
    {
        GoOn,
        Publish,
        StartJournal,
    }
}
