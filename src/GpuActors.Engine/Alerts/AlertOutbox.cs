using System.Text;
using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;
using GpuActors.Engine.Metrics;
using static GpuActors.Engine.Alerts.OutboxProtocol;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Publishes alert transitions: in order per GPU, each (alert, seq) once, again and again until the broker has it. A transition is sent at
/// once; that it was delivered is journalled afterwards, so no alert waits for a database. What is undelivered when the process dies is
/// made again by replay, since its batch was never acknowledged. When the outbox is full, further transitions wait in its mailbox with their
/// batches unacknowledged, which in turn holds back the consumer.
/// </summary>
internal sealed class AlertOutbox : UntypedActor, IWithTimers, IWithUnboundedStash
{
    private readonly AlertSettings _settings;
    private readonly FleetTopology _topology;
    private readonly IRecordProducer _producer;
    private readonly EngineMetrics _metrics;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RecentKeys _delivered;
    private readonly Dictionary<GpuId, Queue<Publish>> _waiting = [];
    private readonly HashSet<GpuId> _unsent = [];
    private IActorRef? _journal;
    private int _count;
    private int _failures;

    public AlertOutbox(AlertSettings settings, FleetTopology topology, IRecordProducer producer, EngineMetrics metrics)
    {
        _settings = settings;
        _topology = topology;
        _producer = producer;
        _metrics = metrics;
        _delivered = new RecentKeys(settings.RememberedTransitions);
    }

    public IStash Stash { get; set; } = null!;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AlertSettings settings, FleetTopology topology, IRecordProducer producer, EngineMetrics metrics) =>
        Akka.Actor.Props.Create(() => new AlertOutbox(settings, topology, producer, metrics));

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
        if (_delivered.Contains(Key(publish.Transition)))
        {
            publish.Ticket?.Complete();
            return;
        }

        if (!_waiting.TryGetValue(publish.Transition.Gpu, out var queue))
        {
            _waiting[publish.Transition.Gpu] = queue = new Queue<Publish>();
        }

        publish = publish with { Transition = _topology.Label(publish.Transition) };
        queue.Enqueue(publish);
        _metrics.OutboxDepth(++_count);
        if (queue.Count == 1)
        {
            Send(publish);
        }
    }

    private void Send(Publish publish)
    {
        var alert = publish.Transition;
        var record = new OutgoingRecord(_settings.Topic, Encoding.ASCII.GetBytes(alert.Gpu.Value), AlertCodec.Encode(alert));
        var self = Self;
        if (!_producer.TryProduce(record, (state, error) => self.Tell(new Delivered((Publish)state!, error)), publish))
        {
            RetryLater(alert.Gpu, "the producer's queue is full");
        }
    }

    private void Settle(Delivered delivered)
    {
        if (delivered.Error is { } error)
        {
            RetryLater(delivered.Publish.Transition.Gpu, error);
            return;
        }

        _failures = 0;
        var alert = delivered.Publish.Transition;
        var queue = _waiting[alert.Gpu];
        queue.Dequeue();
        _metrics.OutboxDepth(--_count);
        var key = Key(alert);
        _delivered.Add(key);
        _journal?.Tell(new Remember(key));
        _metrics.Published(alert);
        delivered.Publish.Ticket?.Complete();
        while (queue.TryPeek(out var next) && _delivered.Contains(Key(next.Transition)))
        {
            queue.Dequeue();
            _metrics.OutboxDepth(--_count);
            next.Ticket?.Complete();
        }

        if (queue.Count == 0)
        {
            _waiting.Remove(alert.Gpu);
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

    private static string Key(AlertTransition alert) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{alert.AlertId}/{alert.Seq}");
}
