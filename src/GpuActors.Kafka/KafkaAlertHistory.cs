using System.Text;
using System.Threading.Channels;
using Akka.Event;
using Confluent.Kafka;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Notify;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;
using Error = Confluent.Kafka.Error;

namespace GpuActors.Kafka;

/// <summary>
/// Reads published alerts from the alert topic and the topic of open alerts. NOTIFY has written to the second one what it had read of the
/// first, so that the open alerts are those of the second one and what the first one holds from NOTIFY's position on; without NOTIFY they
/// are known as far back as the alert topic is read. Requests for several partitions at a time, as at a start, share one consumer, which
/// exists while there are requests and is no member of its group.
/// </summary>
public sealed class KafkaAlertHistory : IAlertHistory, IDisposable
{
    private const int PollMs = 100;
    private static readonly TimeSpan Query = TimeSpan.FromSeconds(1);

    private readonly KafkaClientSettings _client;
    private readonly string _topic;
    private readonly string _openTopic;
    private readonly string _notifyGroup;
    private readonly ErrorNotes _errors;
    private readonly CancellationTokenSource _disposed = new();

    // A node has fewer partitions than this, and requests each once.
    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(4096);
    private int _running;

    /// <param name="client">The connection to the brokers.</param>
    /// <param name="topic">The alert topic.</param>
    /// <param name="openTopic">The topic of open alerts.</param>
    /// <param name="notifyGroup">The group whose offsets say how far NOTIFY has read the alert topic.</param>
    /// <param name="log">Logs errors, each kind once; null for no log.</param>
    public KafkaAlertHistory(KafkaClientSettings client, string topic, string openTopic, string notifyGroup, ILoggingAdapter? log = null)
    {
        (_client, _topic, _openTopic, _notifyGroup) = (client, topic, openTopic, notifyGroup);
        _errors = new ErrorNotes(topic, "alert history") { Log = log ?? NoLogger.Instance };
    }

    /// <inheritdoc/>
    public async Task<AlertHistory> ReadAsync(int partition, long? fromOffset, int atMost, CancellationToken cancellationToken)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        var request = new Request(partition, fromOffset, atMost, cancelled.Token);
        await _requests.Writer.WriteAsync(request, cancelled.Token).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            _ = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        return await request.Answer.Task.WaitAsync(cancelled.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private void Run()
    {
        do
        {
            // A request that waits for its partition's leader does not delay other partitions.
            var waiting = new List<Request>();
            var reading = new Dictionary<TopicPartition, (Request Request, long End)>();
            try
            {
                using var consumer = Connect();
                while (Take(waiting) || reading.Count > 0)
                {
                    waiting.RemoveAll(request =>
                        request.Cancelled.IsCancellationRequested
                        || (!reading.Values.Any(r => r.Request.Partition == request.Partition) && Begin(consumer, reading, request))
                    );
                    Step(consumer, reading);
                }
            }
            catch (Exception e) when (e is KafkaException or InvalidOperationException)
            {
                foreach (var request in waiting.Concat(reading.Values.Select(r => r.Request)))
                {
                    request.Answer.TrySetException(new InvalidOperationException($"{_topic} cannot be read: {e.Message}", e));
                }
            }

            Volatile.Write(ref _running, 0);
        }
        // A request may have come between the last check and the reset of the flag.
        while (_requests.Reader.TryPeek(out _) && Interlocked.Exchange(ref _running, 1) == 0);
    }

    private bool Take(List<Request> waiting)
    {
        while (_requests.Reader.TryRead(out var request))
        {
            waiting.Add(request);
        }

        return waiting.Count > 0;
    }

    // False while the brokers do not answer: they are asked again until the request is cancelled.
    private bool Begin(
        IConsumer<byte[], byte[]?> consumer,
        Dictionary<TopicPartition, (Request Request, long End)> reading,
        Request request
    )
    {
        TopicPartition alerts = new(_topic, request.Partition),
            open = new(_openTopic, request.Partition);
        WatermarkOffsets ends,
            openEnds;
        try
        {
            // NOTIFY's position comes first: what the topic of open alerts holds by then is not older.
            request.NotifiedUpTo = consumer.Committed([alerts], Query)[0].Offset is { IsSpecial: false } committed ? committed.Value : null;
            openEnds = OpenEnds(consumer, open);
            ends = consumer.QueryWatermarkOffsets(alerts, Query);
        }
        catch (KafkaException e) when (IsTransient(e.Error))
        {
            _errors.Note(e.Error);
            return false;
        }

        request.End = ends.High.Value;
        var wanted = request.FromOffset ?? request.End - request.AtMost;
        var from = Math.Clamp(Math.Min(wanted, request.NotifiedUpTo ?? wanted), ends.Low.Value, request.End);
        Start(alerts, from, ends.High.Value);
        Start(open, openEnds.Low.Value, openEnds.High.Value);
        request.CompleteIfRead();
        return true;

        void Start(TopicPartition partition, long from, long end)
        {
            if (from < end)
            {
                reading[partition] = (request, end);
                request.Unread++;
                consumer.IncrementalAssign([new TopicPartitionOffset(partition, from)]);
            }
        }
    }

    // The topic of open alerts is there once NOTIFY has run.
    private static WatermarkOffsets OpenEnds(IConsumer<byte[], byte[]?> consumer, TopicPartition open)
    {
        try
        {
            return consumer.QueryWatermarkOffsets(open, Query);
        }
        catch (KafkaException e)
            when (e.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            return new WatermarkOffsets(0, 0);
        }
    }

    private void Step(IConsumer<byte[], byte[]?> consumer, Dictionary<TopicPartition, (Request Request, long End)> reading)
    {
        ConsumeResult<byte[], byte[]?>? result = null;
        try
        {
            result = consumer.Consume(PollMs);
        }
        catch (ConsumeException e) when (IsTransient(e.Error))
        {
            _errors.Note(e.Error);
        }

        if (result is not null && reading.TryGetValue(result.TopicPartition, out var read))
        {
            if (result.Message is { } message)
            {
                read.Request.Add(isOpen: result.Topic == _openTopic, result.Offset.Value, message);
            }

            // The end of the log completes the partition as well: the last offsets may hold transaction markers, which are not records.
            if (result.IsPartitionEOF || result.Offset.Value + 1 >= read.End)
            {
                Leave(result.TopicPartition);
                read.Request.Unread--;
                read.Request.CompleteIfRead();
            }
        }

        foreach (var (partition, _) in reading.Where(r => r.Value.Request.Cancelled.IsCancellationRequested).ToList())
        {
            Leave(partition);
        }

        void Leave(TopicPartition partition)
        {
            reading.Remove(partition);
            consumer.IncrementalUnassign([partition]);
        }
    }

    private IConsumer<byte[], byte[]?> Connect()
    {
        var config = new ConsumerConfig
        {
            // Without a subscription it is no member of the group, whose offsets it reads.
            GroupId = _notifyGroup,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            AllowAutoCreateTopics = false,
            // With the defaults, a leader that has died would be asked for up to a quarter of an hour.
            TopicMetadataRefreshIntervalMs = 1_000,
            MetadataMaxAgeMs = 1_000,
            FetchMinBytes = 1,
        };
        return new ConsumerBuilder<byte[], byte[]?>(_client.ApplyProperties(_client.Apply(config)))
            .SetValueDeserializer(NullableBytes.Instance)
            .SetErrorHandler((_, error) => _errors.Note(error))
            .SetLogHandler((_, message) => _errors.Write(message))
            .Build();
    }

    private static bool IsTransient(Error error) =>
        !error.IsFatal
        && (
            error.IsLocalError
            || error.Code
                is ErrorCode.LeaderNotAvailable
                    or ErrorCode.NotLeaderForPartition
                    or ErrorCode.RequestTimedOut
                    or ErrorCode.BrokerNotAvailable
                    or ErrorCode.ReplicaNotAvailable
                    or ErrorCode.NetworkException
                    or ErrorCode.OffsetNotAvailable
                    or ErrorCode.KafkaStorageError
                    or ErrorCode.UnknownLeaderEpoch
                    or ErrorCode.FencedLeaderEpoch
                    or ErrorCode.GroupCoordinatorNotAvailable
                    or ErrorCode.GroupLoadInProgress
                    or ErrorCode.NotCoordinatorForGroup
        );

    private sealed class Request(int partition, long? fromOffset, int atMost, CancellationToken cancelled)
    {
        private readonly List<AlertTransition> _transitions = [];
        private readonly List<AlertTransition> _newerThanNotified = [];
        private readonly Dictionary<string, AlertTransition> _open = new(StringComparer.Ordinal);

        public int Partition => partition;

        public long? FromOffset => fromOffset;

        public int AtMost => atMost;

        public CancellationToken Cancelled => cancelled;

        public long End { get; set; }

        /// <summary>Where NOTIFY goes on in the alert topic; null when it has not read it.</summary>
        public long? NotifiedUpTo { get; set; }

        /// <summary>Topics that are not read to their ends.</summary>
        public int Unread { get; set; }

        public TaskCompletionSource<AlertHistory> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(bool isOpen, long offset, Message<byte[], byte[]?> message)
        {
            try
            {
                if (isOpen)
                {
                    AddOpen(Encoding.UTF8.GetString(message.Key ?? []), message.Value);
                }
                else if (message.Value is { } value)
                {
                    var transition = AlertCodec.Read(value);
                    _transitions.Add(transition);
                    if (offset >= (NotifiedUpTo ?? 0))
                    {
                        _newerThanNotified.Add(transition);
                    }
                }
            }
            catch (FormatException)
            {
                // Not a record of this system, so that no replay produces it again.
            }
        }

        public void CompleteIfRead()
        {
            if (Unread > 0)
            {
                return;
            }

            foreach (var transition in _newerThanNotified)
            {
                AddOpen(transition.AlertId.Value, transition);
            }

            Answer.TrySetResult(new AlertHistory(End, _transitions, [.. _open.Values]));
        }

        private void AddOpen(string alertId, byte[]? record)
        {
            if (record is null)
            {
                _open.Remove(alertId);
            }
            else
            {
                AddOpen(alertId, NotifyCodec.Read<NotifiedAlert>(record).Alert);
            }
        }

        private void AddOpen(string alertId, AlertTransition transition)
        {
            if (transition.State == AlertState.Resolved)
            {
                _open.Remove(alertId);
            }
            else if (!_open.TryGetValue(alertId, out var known) || known.Seq < transition.Seq)
            {
                _open[alertId] = transition;
            }
        }
    }
}
