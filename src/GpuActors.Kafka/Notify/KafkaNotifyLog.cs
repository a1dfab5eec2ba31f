using System.Collections.Concurrent;
using System.Text;
using Akka.Event;
using Confluent.Kafka;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Notify;

/// <summary>
/// The topics of NOTIFY in Kafka. A transactional producer writes the decisions and commits the offsets of the alert log in one
/// transaction; its transactional id fences an earlier incarnation, also one that was paused. Partitions are assigned by hand: there is one
/// reader, and its group exists for the offsets only. All calls of the client library block, so they run on a thread of their own.
/// </summary>
public sealed class KafkaNotifyLog : INotifyLog
{
    private const string AcknowledgementKey = "ack:";
    private const string SilenceKey = "silence:";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly NotifyTopics _topics;
    private readonly int _partitions;
    private readonly KafkaClientSettings _client;
    private readonly KafkaNotifySettings _settings;
    private readonly ErrorNotes _errors;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Dictionary<int, long> _readUpTo = [];
    private readonly Dictionary<int, long> _ends = [];
    private IProducer<byte[], byte[]?>? _producer;
    private IConsumer<byte[], byte[]?>? _alerts;
    private bool _moved;

    /// <param name="client">The connection to the brokers.</param>
    /// <param name="settings">Transactional id, group and limits.</param>
    /// <param name="topics">Names of the topics.</param>
    /// <param name="partitions">Partitions of each of them.</param>
    /// <param name="log">Logs errors, each kind once; null for no log.</param>
    public KafkaNotifyLog(
        KafkaClientSettings client,
        KafkaNotifySettings settings,
        NotifyTopics topics,
        int partitions,
        ILoggingAdapter? log = null
    )
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(topics);
        SettingErrors.ThrowIfAny([.. client.Validate(), .. settings.Validate()], nameof(settings));
        (_client, _settings, _topics, _partitions) = (client, settings, topics, partitions);
        _errors = new ErrorNotes(topics.Alerts, settings.GroupId) { Log = log ?? NoLogger.Instance };
        new Thread(Work) { IsBackground = true, Name = "kafka notify" }.Start();
    }

    /// <inheritdoc/>
    public bool HasCaughtUp { get; private set; }

    /// <inheritdoc/>
    public Task OpenAsync(NotifyState restore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(restore);
        return OnThread(() =>
        {
            _producer = Producer();
            _producer.InitTransactions(_settings.OpenTimeout);
            Restore(restore, cancellationToken);
            FollowAlerts();
        });
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<AlertTransition>> ReadAsync(int most, TimeSpan wait, CancellationToken cancellationToken) =>
        OnThread(() =>
        {
            var transitions = new List<AlertTransition>();
            for (
                var result = Consume(_alerts!, wait);
                result is not null;
                result = transitions.Count < most ? Consume(_alerts!, TimeSpan.Zero) : null
            )
            {
                Take(result, transitions);
            }

            HasCaughtUp = HasCaughtUp || _ends.All(end => _readUpTo.GetValueOrDefault(end.Key) >= end.Value);
            return (IReadOnlyList<AlertTransition>)transitions;
        });

    /// <inheritdoc/>
    public Task PublishAsync(NotifyChanges changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return changes.IsEmpty && !_moved ? Task.CompletedTask : OnThread(() => Publish(changes));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await OnThread(() =>
            {
                _alerts?.Dispose();
                _producer?.Dispose();
            })
            .ConfigureAwait(false);
        _work.CompleteAdding();
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }

        _work.Dispose();
    }

    private Task<bool> OnThread(Action action) =>
        OnThread(() =>
        {
            action();
            return true;
        });

    private Task<T> OnThread<T>(Func<T> function)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception e) when (IsFenced(e))
            {
                done.SetException(new NotifyFencedException(_settings.TransactionalId, e));
            }
            catch (Exception e) when (e is KafkaException or FormatException)
            {
                done.SetException(new InvalidOperationException($"NOTIFY's topics: {e.Message}", e));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    private static bool IsFenced(Exception error) =>
        error is KafkaException { Error.Code: ErrorCode.Local_Fenced or ErrorCode.InvalidProducerEpoch or ErrorCode.ProducerFenced };

    // What was published: of each key the last record, in the order that the state wants.
    private void Restore(NotifyState state, CancellationToken cancellationToken)
    {
        var incidents = ReadCompacted<IncidentRecord>(_topics.Incidents, cancellationToken);
        var alerts = ReadCompacted<NotifiedAlert>(_topics.Open, cancellationToken);
        var operations = ReadCompacted(_topics.Operations, cancellationToken);
        foreach (var incident in incidents.Values)
        {
            state.Restore(incident);
        }

        foreach (var alert in alerts.Values)
        {
            state.Restore(alert);
        }

        foreach (var (key, value) in operations)
        {
            if (key.StartsWith(AcknowledgementKey, StringComparison.Ordinal))
            {
                Restore<Acknowledgement>(key, value, state.Restore);
            }
            else if (key.StartsWith(SilenceKey, StringComparison.Ordinal))
            {
                Restore<Silence>(key, value, state.Restore);
            }
        }
    }

    private void Restore<T>(string key, byte[] value, Action<T> restore)
        where T : class
    {
        if (TryRead<T>(_topics.Operations, key, value) is { } record)
        {
            restore(record);
        }
    }

    // A record of another writer must not keep NOTIFY from starting.
    private T? TryRead<T>(string topic, string key, byte[] value)
        where T : class
    {
        try
        {
            return NotifyCodec.Read<T>(value);
        }
        catch (FormatException e)
        {
            _errors.Log.Warning("The record of {0} with key '{1}' is passed over: {2}", topic, TextLimits.Quote(key), e.Message);
            return null;
        }
    }

    private SortedDictionary<string, T> ReadCompacted<T>(string topic, CancellationToken cancellationToken)
        where T : class
    {
        var read = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in ReadCompacted(topic, cancellationToken))
        {
            if (TryRead<T>(topic, key, value) is { } record)
            {
                read[key] = record;
            }
        }

        return read;
    }

    private SortedDictionary<string, byte[]> ReadCompacted(string topic, CancellationToken cancellationToken)
    {
        var newest = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var consumer = Consumer();
        consumer.Assign(Enumerable.Range(0, _partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var ended = new HashSet<int>();
        while (ended.Count < _partitions)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = Consume(consumer, TimeSpan.FromMilliseconds(100));
            if (result is { IsPartitionEOF: true })
            {
                ended.Add(result.Partition.Value);
            }
            else if (result?.Message is { Key: { } key } message)
            {
                var text = Encoding.UTF8.GetString(key);
                if (message.Value is { } value)
                {
                    newest[text] = value;
                }
                else
                {
                    newest.Remove(text);
                }
            }
        }

        return newest;
    }

    private void FollowAlerts()
    {
        _alerts = Consumer();
        var partitions = Enumerable.Range(0, _partitions).Select(p => new TopicPartition(_topics.Alerts, p)).ToList();
        var from = _alerts
            .Committed(partitions, Timeout)
            .Select(known => known.Offset.IsSpecial ? new TopicPartitionOffset(known.TopicPartition, Offset.Beginning) : known)
            .ToList();
        foreach (var start in from)
        {
            var ends = _alerts.QueryWatermarkOffsets(start.TopicPartition, Timeout);
            _ends[start.Partition.Value] = ends.High.Value;
            _readUpTo[start.Partition.Value] = start.Offset.IsSpecial ? ends.Low.Value : start.Offset.Value;
        }

        HasCaughtUp = _ends.All(end => _readUpTo[end.Key] >= end.Value);
        _alerts.Assign(from);
    }

    private void Take(ConsumeResult<byte[], byte[]?> result, List<AlertTransition> transitions)
    {
        var partition = result.Partition.Value;
        if (result.IsPartitionEOF)
        {
            // The last offsets may hold markers of transactions, which are no records.
            _readUpTo[partition] = Math.Max(_readUpTo.GetValueOrDefault(partition), result.Offset.Value);
            return;
        }

        _readUpTo[partition] = result.Offset.Value + 1;
        _moved = true;
        if (result.Message.Value is not { } value)
        {
            return;
        }

        try
        {
            transitions.Add(AlertCodec.Read(value));
        }
        catch (FormatException e)
        {
            _errors.Log.Warning("{0} is no alert and is passed over: {1}", result.TopicPartitionOffset, e.Message);
        }
    }

    private void Publish(NotifyChanges changes)
    {
        var producer = _producer!;
        producer.BeginTransaction();
        foreach (var page in changes.Pages)
        {
            Produce(_topics.Pages, page.IncidentId, NotifyCodec.Encode(page));
        }

        foreach (var (id, record) in changes.Incidents)
        {
            Produce(_topics.Incidents, id, Encoded(record));
        }

        foreach (var (id, gpu, record) in changes.Alerts)
        {
            Produce(_topics.Open, id.Value, Encoded(record), Murmur2.Partition(gpu, _partitions));
        }

        foreach (var (id, record) in changes.Acknowledgements)
        {
            Produce(_topics.Operations, AcknowledgementKey + id.Value, Encoded(record));
        }

        foreach (var (id, record) in changes.Silences)
        {
            Produce(_topics.Operations, SilenceKey + id, Encoded(record));
        }

        if (_moved)
        {
            var read = _readUpTo.Select(p => new TopicPartitionOffset(_topics.Alerts, p.Key, p.Value));
            Retried(() => producer.SendOffsetsToTransaction(read, _alerts!.ConsumerGroupMetadata, Timeout));
            _moved = false;
        }

        Retried(() => producer.CommitTransaction(Timeout));
    }

    // The library says of these errors that the same call may be made again.
    private static void Retried(Action call)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                call();
                return;
            }
            catch (KafkaRetriableException) when (attempt < 5) { }
        }
    }

    private void Produce(string topic, string key, byte[]? value, int? partition = null)
    {
        var to = new TopicPartition(topic, partition ?? Murmur2.Partition(Encoding.UTF8.GetBytes(key), _partitions));
        while (true)
        {
            try
            {
                _producer!.Produce(to, new Message<byte[], byte[]?> { Key = Encoding.UTF8.GetBytes(key), Value = value });
                return;
            }
            catch (ProduceException<byte[], byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                // The queue empties while this thread waits.
                _producer!.Poll(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    private static byte[]? Encoded<T>(T? record)
        where T : class => record is null ? null : NotifyCodec.Encode(record);

    private ConsumeResult<byte[], byte[]?>? Consume(IConsumer<byte[], byte[]?> consumer, TimeSpan wait)
    {
        try
        {
            return consumer.Consume(wait);
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            _errors.Note(e.Error);
            return null;
        }
    }

    private IProducer<byte[], byte[]?> Producer()
    {
        var config = new ProducerConfig
        {
            TransactionalId = _settings.TransactionalId,
            TransactionTimeoutMs = (int)_settings.TransactionTimeout.TotalMilliseconds,
            MessageTimeoutMs = (int)_settings.TransactionTimeout.TotalMilliseconds,
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 0,
            // A transaction that follows another at once is refused until the brokers have written the markers of that one, a few
            // milliseconds later. With the default the client would ask again after 100 ms.
            RetryBackoffMs = 5,
            RetryBackoffMaxMs = 100,
            CompressionType = CompressionType.Lz4,
        };
        return new ProducerBuilder<byte[], byte[]?>(_client.ApplyProperties(_client.Apply(config)))
            .SetValueSerializer(NullableBytes.Instance)
            .SetErrorHandler((_, error) => _errors.Note(error))
            .SetLogHandler((_, message) => _errors.Write(message))
            .Build();
    }

    private IConsumer<byte[], byte[]?> Consumer()
    {
        var config = new ConsumerConfig
        {
            GroupId = _settings.GroupId,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            IsolationLevel = IsolationLevel.ReadCommitted,
            AllowAutoCreateTopics = false,
            FetchWaitMaxMs = (int)_settings.FetchWait.TotalMilliseconds,
            FetchMinBytes = 1,
            // With the defaults, a leader that has died would be asked for up to a quarter of an hour.
            TopicMetadataRefreshIntervalMs = 1_000,
            MetadataMaxAgeMs = 1_000,
        };
        return new ConsumerBuilder<byte[], byte[]?>(_client.ApplyProperties(_client.Apply(config)))
            .SetValueDeserializer(NullableBytes.Instance)
            .SetErrorHandler((_, error) => _errors.Note(error))
            .SetLogHandler((_, message) => _errors.Write(message))
            .Build();
    }
}
