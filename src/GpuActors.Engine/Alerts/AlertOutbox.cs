using System.Text;
using Akka.Actor;
using Akka.Event;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.OutboxProtocol;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Publishes alert transitions: in order per GPU, each (alert, seq) once, again and again until the broker has it. What is undelivered when
/// the process dies is made again by a replay, since its batch was never acknowledged and no checkpoint passes it; what was delivered is
/// read back from the topic by the shard's next owner (<see cref="ShardCame"/>). The topic itself is the memory: no database delays an
/// alert or can lose one. What waits is bounded by the batches in flight, whose tickets it holds. On its way a transition gets the labels
/// of its host's place; who is told is decided elsewhere, from the topic.
/// </summary>
internal sealed class AlertOutbox : UntypedActor, IWithTimers
{
    private readonly AlertSettings _settings;
    private readonly FleetTopology _topology;
    private readonly IRecordProducer _producer;
    private readonly EngineMetrics _metrics;
    private readonly AlertEnds _ends;
    private readonly int _partitions;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<int, PublishedKeys> _published = [];
    private readonly Dictionary<GpuId, Queue<OutboxEntry>> _waiting = [];
    private readonly HashSet<GpuId> _unsent = [];
    private readonly List<(int Partition, IActorRef Asker, HashSet<OutboxEntry> Left)> _awaited = [];
    private int _count;
    private int _failures;

    public AlertOutbox(
        AlertSettings settings,
        FleetTopology topology,
        IRecordProducer producer,
        EngineMetrics metrics,
        AlertEnds ends,
        int partitions
    )
    {
        _settings = settings;
        _topology = topology;
        _producer = producer;
        _metrics = metrics;
        _ends = ends;
        _partitions = partitions;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="settings">Topic, bounds, pauses.</param>
    /// <param name="topology">Where hosts are, for the labels.</param>
    /// <param name="producer">Takes the records.</param>
    /// <param name="metrics">Counters.</param>
    /// <param name="ends">Learns how far the topic's partitions reach.</param>
    /// <param name="partitions">Partitions of the topic: the number of shards.</param>
    public static Props Props(
        AlertSettings settings,
        FleetTopology topology,
        IRecordProducer producer,
        EngineMetrics metrics,
        AlertEnds ends,
        int partitions
    ) => Akka.Actor.Props.Create(() => new AlertOutbox(settings, topology, producer, metrics, ends, partitions));

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
                foreach (var queue in unsent.Select(gpu => _waiting.GetValueOrDefault(gpu)).OfType<Queue<OutboxEntry>>())
                {
                    Send(queue.Peek());
                }

                break;
            case ShardCame came:
                var keys = _published[came.Partition] = new PublishedKeys(
                    Math.Max(_settings.RememberedTransitions, came.Published.Count + 1)
                );
                foreach (var transition in came.Published)
                {
                    keys.Add(transition.Id);
                }

                break;
            case ShardLost lost:
                Abandon(lost.Partition);
                break;
            case CheckpointWritten written:
                Published(written.Partition).TurnPage();
                break;
            case AwaitDelivery awaited:
                var left = _waiting.Values.SelectMany(queue => queue).Where(alert => alert.Partition == awaited.Partition).ToHashSet();
                if (left.Count == 0)
                {
                    Sender.Tell(AllDelivered.Instance);
                }
                else
                {
                    _awaited.Add((awaited.Partition, Sender, left));
                }

                break;
        }
    }

    private PublishedKeys Published(int partition) =>
        _published.TryGetValue(partition, out var keys) ? keys : _published[partition] = new PublishedKeys(_settings.RememberedTransitions);

    private void Take(Publish publish)
    {
        var transition = publish.Transition;
        var record = transition with { Labels = transition.Labels.At(_topology.Of(transition.Labels.Host)) };
        var alert = new OutboxEntry(record, Murmur2.Partition(record.Gpu, _partitions), publish.Ticket);
        if (Published(alert.Partition).Contains(alert.Id))
        {
            alert.Ticket?.Complete();
            return;
        }

        if (!_waiting.TryGetValue(record.Gpu, out var queue))
        {
            _waiting[record.Gpu] = queue = new Queue<OutboxEntry>();
        }

        queue.Enqueue(alert);
        _metrics.OutboxDepth(++_count);
        if (queue.Count == 1)
        {
            Send(alert);
        }
    }

    private void Send(OutboxEntry alert)
    {
        var record = new OutgoingRecord(_settings.Topic, Encoding.ASCII.GetBytes(alert.Record.Gpu.Value), AlertCodec.Encode(alert.Record));
        var self = Self;
        alert.IsSent = _producer.TryProduce(
            record,
            (state, error, offset) =>
            {
                var sent = (OutboxEntry)state!;
                if (error is null)
                {
                    _ends.Seen(sent.Partition, offset + 1);
                }

                self.Tell(new Delivered(sent, error, offset == DeliveryOffset.TooLarge));
            },
            alert
        );
        if (!alert.IsSent)
        {
            RetryLater(alert.Record.Gpu, "the producer's queue is full");
        }
    }

    private void Settle(Delivered delivered)
    {
        var alert = delivered.Entry;
        if (delivered.Error is { } error)
        {
            alert.IsSent = false;
            if (delivered.TooLarge && alert.Shortenings < AlertTransition.MostShortenings)
            {
                alert.Shortenings++;
                _metrics.AlertShortened();
                _log.Warning(
                    "Alert {0} of GPU {1} is too large for topic {2} and is shortened: {3}. Raise max.message.bytes of the topic",
                    alert.Id,
                    alert.Record.Gpu,
                    _settings.Topic,
                    error
                );
                Send(alert);
                return;
            }

            RetryLater(alert.Record.Gpu, error);
            return;
        }

        _failures = 0;
        var queue = _waiting[alert.Record.Gpu];
        Leave(queue.Dequeue());
        Published(alert.Partition).Add(alert.Id);
        _metrics.Published(alert.Record);
        while (queue.TryPeek(out var next) && Published(next.Partition).Contains(next.Id))
        {
            Leave(queue.Dequeue());
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

    // What the producer has may still be delivered, and then stands in the topic once for each owner, under one id: only a lost network
    // does that.
    private void Abandon(int partition)
    {
        // A checkpoint that waits for the delivery must never be written.
        _awaited.RemoveAll(awaited => awaited.Partition == partition);
        foreach (var (gpu, queue) in _waiting.Where(w => w.Value.Peek().Partition == partition).ToList())
        {
            var sent = queue.Peek() is { IsSent: true } first ? first : null;
            foreach (var alert in queue.Where(alert => alert != sent))
            {
                Leave(alert);
            }

            queue.Clear();
            if (sent is not null)
            {
                queue.Enqueue(sent);
            }
            else
            {
                _waiting.Remove(gpu);
            }
        }
    }

    private void Leave(OutboxEntry alert)
    {
        _metrics.OutboxDepth(--_count);
        alert.Ticket?.Complete();
        for (var i = _awaited.Count - 1; i >= 0; i--)
        {
            var (_, asker, left) = _awaited[i];
            if (left.Remove(alert) && left.Count == 0)
            {
                _awaited.RemoveAt(i);
                asker.Tell(AllDelivered.Instance);
            }
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
}
