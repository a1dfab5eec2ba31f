using Akka.Event;
using Confluent.Kafka;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Buffering;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;
using Error = Confluent.Kafka.Error;

namespace GpuActors.Kafka;

/// <summary>
/// A producer that is idempotent and uses acks=all, Kafka's murmur2 partitioner and a bounded local queue. <see cref="DisposeAsync"/>
/// counts and logs the records that it could not deliver within <see cref="KafkaProducerSettings.CloseTimeout"/>; their handlers are not
/// called.
/// </summary>
public sealed class KafkaRecordProducer : IRecordProducer, IDeliveryClient
{
    private readonly KafkaProducerSettings _settings;
    private readonly IProducer<byte[]?, byte[]?> _producer;
    private readonly ErrorNotes _errors;
    private readonly string _clientId;
    private readonly TaskCompletionSource<string> _fatal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _delivered;
    private int _queued;
    private int _disposed;

    /// <summary>
    /// Connects in the background: unreachable brokers cause errors and, after the message timeout, failed deliveries.
    /// </summary>
    /// <param name="client">The connection to the brokers.</param>
    /// <param name="settings">Queue, batching and timeouts.</param>
    /// <param name="log">Logs errors, each kind once; null for no log.</param>
    /// <exception cref="ArgumentException">A setting is not valid; the text names all of them.</exception>
    public KafkaRecordProducer(KafkaClientSettings client, KafkaProducerSettings settings, ILoggingAdapter? log = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(settings);
        SettingErrors.ThrowIfAny([.. client.Validate(), .. settings.Validate()], nameof(settings));
        _settings = settings;
        _clientId = client.ClientId;
        _errors = new ErrorNotes("producer", _clientId) { Log = log ?? NoLogger.Instance };
        _producer = new ProducerBuilder<byte[]?, byte[]?>(settings.ToConfig(client))
            .SetKeySerializer(NullableBytes.Instance)
            .SetValueSerializer(NullableBytes.Instance)
            .SetErrorHandler((_, error) => OnError(error))
            .SetLogHandler((_, message) => _errors.Write(message))
            .Build();
        KafkaMetrics.Producers.TryAdd(this, _clientId);
    }

    /// <summary>Gets each error that the client reports without a record, on the client's own thread.</summary>
    internal Action<Error>? OnClientError { get; init; }

    /// <inheritdoc/>
    public int QueuedRecords => Volatile.Read(ref _queued);

    /// <summary>Records stored by every in-sync replica.</summary>
    public long DeliveredRecords => Interlocked.Read(ref _delivered);

    /// <summary>Errors that did not stop the producer.</summary>
    public long Errors => _errors.Count;

    /// <summary>
    /// Completes with the text of a fatal error, after which nothing is delivered any more. The remedy is a new producer.
    /// </summary>
    public Task<string> FatalError => _fatal.Task;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public bool TryProduce(in OutgoingRecord record, DeliveryHandler? onDelivered = null, object? state = null) =>
        Produce(in record, onDelivered, null, state);

    bool IDeliveryClient.TryProduce(in OutgoingRecord record, Action<object?, Error> onDelivered, object? state) =>
        Produce(in record, null, onDelivered, state);

    private bool Produce(in OutgoingRecord record, DeliveryHandler? onDelivered, Action<object?, Error>? onCode, object? state)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        Interlocked.Increment(ref _queued);
        try
        {
            _producer.Produce(
                record.Topic,
                ToMessage(record),
                report => Delivered(report.Error, onDelivered, onCode, state, report.Offset.Value)
            );
            return true;
        }
        catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
        {
            Interlocked.Decrement(ref _queued);
            KafkaMetrics.QueueFull.Add(1, KafkaMetrics.Group(_clientId));
            return false;
        }
        catch (KafkaException e)
        {
            // Too large, unknown topic, fatal state: retrying does not help, so the delivery has failed.
            Delivered(e.Error, onDelivered, onCode, state, DeliveryOffset.None);
            return true;
        }
    }

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken) =>
        QueuedRecords == 0
            ? Task.CompletedTask
            : Task.Factory.StartNew(
                () => _producer.Flush(cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );

    /// <summary>Releases all resources at once. Records in flight are abandoned; some may be delivered nevertheless.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            KafkaMetrics.Producers.TryRemove(this, out _);
            _producer.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        using var limit = new CancellationTokenSource(_settings.CloseTimeout);
        try
        {
            await FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            KafkaMetrics.Undelivered.Add(QueuedRecords, KafkaMetrics.Group(_clientId));
            _errors.Log.Error(
                "Kafka: producer {0} closes with {1} records undelivered after {2}",
                _clientId,
                QueuedRecords,
                _settings.CloseTimeout
            );
        }

        KafkaMetrics.Producers.TryRemove(this, out _);
        _producer.Dispose();
    }

    private static Message<byte[]?, byte[]?> ToMessage(in OutgoingRecord record)
    {
        var message = new Message<byte[]?, byte[]?> { Key = record.Key, Value = record.Value };
        if (record.TimestampMs != 0)
        {
            message.Timestamp = new Timestamp(record.TimestampMs, TimestampType.CreateTime);
        }

        if (record.Headers is { Count: > 0 } headers)
        {
            message.Headers = [];
            foreach (var (name, value) in headers)
            {
                message.Headers.Add(name, value);
            }
        }

        return message;
    }

    private void Delivered(Error error, DeliveryHandler? onDelivered, Action<object?, Error>? onCode, object? state, long offset)
    {
        Interlocked.Decrement(ref _queued);
        if (error.IsError && onCode is not null)
        {
            // The buffer tries again.
            _errors.Note(error);
        }
        else if (error.IsError)
        {
            KafkaMetrics.Undelivered.Add(1, KafkaMetrics.Group(_clientId));
            _errors.Note(error);
        }
        else
        {
            Interlocked.Increment(ref _delivered);
            _errors.Recovered();
        }

        onCode?.Invoke(state, error);
        onDelivered?.Invoke(state, error.IsError ? error.Text() : null, OffsetOf(error, offset));
    }

    private static long OffsetOf(Error error, long offset) =>
        error.Code switch
        {
            ErrorCode.NoError => offset,
            ErrorCode.MsgSizeTooLarge or ErrorCode.RecordListTooLarge => DeliveryOffset.TooLarge,
            _ => DeliveryOffset.None,
        };

    private void OnError(Error error)
    {
        _errors.Note(error);
        OnClientError?.Invoke(error);
        if (error.IsFatal)
        {
            _fatal.TrySetResult(error.Text());
        }
    }
}
