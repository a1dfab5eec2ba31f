using System.Text;
using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Engine.Incidents;
using GpuActors.Engine.Metrics;
using static GpuActors.Engine.Alerts.OutboxProtocol;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Publishes alert transitions: in order per GPU, each (alert, seq) once, again and again until the broker has it. A transition is sent at
/// once; that it was delivered is journalled afterwards, so no alert waits for a database. What is undelivered when the process dies is
/// made again by replay, since its batch was never acknowledged. When the outbox is full, further transitions wait in its mailbox with their
/// batches unacknowledged, which in turn holds back the consumer. On its way a transition is stamped: place, silence, acknowledgement, incident and page.
/// </summary>
internal sealed class AlertOutbox : UntypedActor, IWithTimers, IWithUnboundedStash
{
    private readonly AlertSettings _settings;
    private readonly AlertStamp _stamp;
    private readonly IRecordProducer _producer;
    private readonly EngineMetrics _metrics;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RecentKeys _delivered;
    private readonly Dictionary<GpuId, Queue<WaitingAlert>> _waiting = [];
    private readonly Dictionary<string, List<WaitingAlert>> _undecided = new(StringComparer.Ordinal);
    private readonly HashSet<GpuId> _unsent = [];
    private IActorRef? _journal;
    private int _count;
    private int _failures;

    public AlertOutbox(AlertSettings settings, AlertStamp stamp, IRecordProducer producer, EngineMetrics metrics)
    {
        _settings = settings;
        _stamp = stamp;
        _producer = producer;
        _metrics = metrics;
        _delivered = new RecentKeys(settings.RememberedTransitions);
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AlertSettings settings, AlertStamp stamp, IRecordProducer producer, EngineMetrics metrics) =>
        Akka.Actor.Props.Create(() => new AlertOutbox(settings, stamp, producer, metrics));

    protected override void PreStart()
    {
        if (_settings.Journal)
        {
            // The journal answers with what it remembers, or stops when it can't: either way publishing starts.
            _journal = Context.Watch(Context.ActorOf(AlertJournal.Props(_settings.JournalId, _settings.RememberedTransitions), "journal"));
            Timers.StartSingleTimer("journal", new Remembered([]), _settings.JournalTimeout);
            Become(WaitingForJournal);
        }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Publish publish:
                Take(publish);
                break;
            case Delivered delivered:
                Settle(delivered);
                break;
            case IncidentProtocol.Decided decided:
                Decide(KeyOf(decided.AlertId, decided.Seq), decided);
                break;
            case DecisionIsLate late:
                _metrics.IncidentLate();
                Decide(late.Key, null);
                break;
            case Retry:
                var unsent = _unsent.ToArray();
                _unsent.Clear();
                foreach (var gpu in unsent)
                {
                    Send(_waiting[gpu].Peek());
                }

                break;
            case Terminated:
                _log.Warning("The alert journal stopped: after a crash, alerts of the last moments may be published again under the same ids");
                _journal = null;
                break;
        }
    }

    private void WaitingForJournal(object message)
    {
        switch (message)
        {
            case Remembered remembered:
                foreach (var key in remembered.Keys)
                {
                    _delivered.Add(key);
                }

                Timers.Cancel("journal");
                Become(OnReceive);
                Stash.UnstashAll();
                break;
            case Terminated:
                OnReceive(message);
                Become(OnReceive);
                Stash.UnstashAll();
                break;
            default:
                Stash.Stash();
                break;
        }
    }

    private void Take(Publish publish)
    {
        var (record, facts) = _stamp.Stamp(publish.Transition);
        var alert = new WaitingAlert(record, publish.Ticket);
        if (_delivered.Contains(alert.Key))
        {
            alert.Ticket?.Complete();
            return;
        }

        if (!_waiting.TryGetValue(record.Gpu, out var queue))
        {
            _waiting[record.Gpu] = queue = new Queue<WaitingAlert>();
        }

        queue.Enqueue(alert);
        _metrics.OutboxDepth(++_count);
        if (_stamp.Incidents is { } incidents)
        {
            alert.IsUndecided = true;
            (_undecided.TryGetValue(alert.Key, out var same) ? same : _undecided[alert.Key] = []).Add(alert);
            incidents.Tell(new IncidentProtocol.Decide(facts, record.SilencedBy is not null || record.AcknowledgedBy is not null));
            Timers.StartSingleTimer(alert.Key, new DecisionIsLate(alert.Key), _stamp.DecisionTimeout);
        }
        else if (queue.Count == 1)
        {
            Send(alert);
        }
    }

    // Without an answer the alert pages on its own: a page too many is better than one too few.
    private void Decide(string key, IncidentProtocol.Decided? decided)
    {
        if (!_undecided.Remove(key, out var alerts))
        {
            return;
        }

        Timers.Cancel(key);
        foreach (var alert in alerts)
        {
            alert.IsUndecided = false;
            if (decided is not null)
            {
                alert.Record = alert.Record with { IncidentId = decided.IncidentId, Page = decided.Page };
                _stamp.Open.Join(decided.AlertId, decided.IncidentId);
            }

            if (_waiting.TryGetValue(alert.Record.Gpu, out var queue) && queue.Peek() == alert)
            {
                Send(alert);
            }
        }
    }

    private void Send(WaitingAlert alert)
    {
        if (alert.IsUndecided)
        {
            return;
        }

        var record = new OutgoingRecord(_settings.Topic, Encoding.ASCII.GetBytes(alert.Record.Gpu.Value), AlertCodec.Encode(alert.Record));
        var self = Self;
        if (!_producer.TryProduce(record, (state, error) => self.Tell(new Delivered((WaitingAlert)state!, error)), alert))
        {
            RetryLater(alert.Record.Gpu, "the producer's queue is full");
        }
    }

    private void Settle(Delivered delivered)
    {
        var alert = delivered.Alert;
        if (delivered.Error is { } error)
        {
            RetryLater(alert.Record.Gpu, error);
            return;
        }

        _failures = 0;
        var queue = _waiting[alert.Record.Gpu];
        queue.Dequeue();
        _metrics.OutboxDepth(--_count);
        _delivered.Add(alert.Key);
        _journal?.Tell(new Remember(alert.Key));
        _metrics.Published(alert.Record);
        alert.Ticket?.Complete();
        while (queue.TryPeek(out var next) && _delivered.Contains(next.Key))
        {
            queue.Dequeue();
            _metrics.OutboxDepth(--_count);
            next.Ticket?.Complete();
        }

        if (queue.Count == 0)
        {
            _waiting.Remove(alert.Record.Gpu);
        }
        else
        {
            Send(queue.Peek());
        }
    }

    private void RetryLater(GpuId gpu, string reason)
    {
        _unsent.Add(gpu);
        if (_failures++ == 0)
        {
            _log.Warning("Alerts can't be published: {0}. {1} wait; trying again", reason, _count);
        }

        _metrics.OutboxRetried();
        if (!Timers.IsTimerActive("retry"))
        {
            var delay = Math.Min(_settings.MaxRetryDelay.TotalMilliseconds, 100 * Math.Pow(2, Math.Min(_failures, 10)));
            Timers.StartSingleTimer("retry", new Retry(), TimeSpan.FromMilliseconds(delay));
        }
    }

    private static string KeyOf(string alertId, int seq) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{alertId}/{seq}");
}
