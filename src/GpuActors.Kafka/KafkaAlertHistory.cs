using System.Threading.Channels;
using Akka.Event;
using Confluent.Kafka;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;
using Error = Confluent.Kafka.Error;

namespace GpuActors.Kafka;

/// <summary>
/// Reads published alerts from the alert topic. Requests for several partitions at a time, as at a start, share one consumer, which exists
/// while there are requests and joins no group.
/// </summary>
public sealed class KafkaAlertHistory : IAlertHistory, IDisposable
{
    private const int PollMs = 100;
    private static readonly TimeSpan Query = TimeSpan.FromSeconds(1);

    private readonly KafkaClientSettings _client;
    private readonly string _topic;
    private readonly ErrorNotes _errors;
    private readonly CancellationTokenSource _disposed = new();

    // A node has fewer partitions than this, and requests each once.
    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(4096);
    private int _running;

    /// <param name="client">The connection to the brokers.</param>
    /// <param name="topic">The alert topic.</param>
    /// <param name="log">Logs errors, each kind once; null for no log.</param>
    public KafkaAlertHistory(KafkaClientSettings client, string topic, ILoggingAdapter? log = null)
    {
        _client = client;
        _topic = topic;
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
            var open = new Dictionary<int, Request>();
            try
            {
                using var consumer = Connect();
                while (Take(waiting) || open.Count > 0)
                {
                    waiting.RemoveAll(request =>
                        request.Cancelled.IsCancellationRequested
                        || (!open.ContainsKey(request.Partition) && Begin(consumer, open, request))
                    );
                    Step(consumer, open);
                }
            }
            catch (Exception e) when (e is KafkaException or InvalidOperationException)
            {
                foreach (var request in waiting.Concat(open.Values))
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
    private bool Begin(IConsumer<Ignore, byte[]> consumer, Dictionary<int, Request> open, Request request)
    {
        var partition = new TopicPartition(_topic, request.Partition);
        WatermarkOffsets ends;
        try
        {
            ends = consumer.QueryWatermarkOffsets(partition, Query);
        }
        catch (KafkaException e) when (IsTransient(e.Error))
        {
            _errors.Note(e.Error);
            return false;
        }

        request.End = ends.High.Value;
        var from = Math.Clamp(request.FromOffset ?? request.End - request.AtMost, ends.Low.Value, request.End);
        if (from >= request.End)
        {
            request.Complete();
            return true;
        }

        open[request.Partition] = request;
        consumer.IncrementalAssign([new TopicPartitionOffset(partition, from)]);
        return true;
    }

    private void Step(IConsumer<Ignore, byte[]> consumer, Dictionary<int, Request> open)
    {
        ConsumeResult<Ignore, byte[]>? result = null;
        try
        {
            result = consumer.Consume(PollMs);
        }
        catch (ConsumeException e) when (IsTransient(e.Error))
        {
            _errors.Note(e.Error);
        }

        if (result is not null && open.TryGetValue(result.Partition.Value, out var reading))
        {
            if (result.Message is { Value: { } value })
            {
                reading.Add(value);
            }

            // The end of the log completes the request as well: the last offsets may hold transaction markers, which are not records.
            if (result.IsPartitionEOF || result.Offset.Value + 1 >= reading.End)
            {
                reading.Complete();
            }
        }

        foreach (var request in open.Values.Where(r => r.Answer.Task.IsCompleted || r.Cancelled.IsCancellationRequested).ToList())
        {
            open.Remove(request.Partition);
            consumer.IncrementalUnassign([new TopicPartition(_topic, request.Partition)]);
        }
    }

    private IConsumer<Ignore, byte[]> Connect() => new ConsumerBuilder<Ignore, byte[]>(
            _client.ApplyProperties(
                _client.Apply(
                    new ConsumerConfig
                    {
                        // The client library requires a name; without a subscription or a commit the group does not exist.
                        GroupId = "gpu-actors-alert-history",
                        EnableAutoCommit = false,
                        EnableAutoOffsetStore = false,
                        EnablePartitionEof = true,
                        AutoOffsetReset = AutoOffsetReset.Earliest,
                        AllowAutoCreateTopics = false,
                        // With the defaults, a leader that has died would be asked for up to a quarter of an hour.
                        TopicMetadataRefreshIntervalMs = 1_000,
                        MetadataMaxAgeMs = 1_000,
                        FetchMinBytes = 1,
                    }
                )
            )
        ).SetErrorHandler((_, error) => _errors.Note(error)).SetLogHandler((_, message) => _errors.Write(message)).Build();

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
        );

    private sealed class Request(int partition, long? fromOffset, int atMost, CancellationToken cancelled)
    {
        private readonly List<AlertTransition> _transitions = [];

        public int Partition => partition;

        public long? FromOffset => fromOffset;

        public int AtMost => atMost;

        public CancellationToken Cancelled => cancelled;

        public long End { get; set; }

        public TaskCompletionSource<AlertHistory> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Add(byte[] value)
        {
            try
            {
                _transitions.Add(AlertCodec.Read(value));
            }
            catch (FormatException)
            {
                // Not a transition of this system, so that no replay produces it again.
            }
        }

        public void Complete() => Answer.TrySetResult(new AlertHistory(End, _transitions));
    }
}
