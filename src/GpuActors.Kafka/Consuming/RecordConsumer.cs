using Confluent.Kafka;
using GpuActors.Core.Codecs;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Consuming;

/// <summary>
/// A consumer of Confluent.Kafka. Records are read inside the deserializers, from librdkafka's memory, without a byte array per record.
/// </summary>
internal sealed class RecordConsumer : IRecordConsumer
{
    private const int LeavePollMs = 50;
    private const int LeaveLimitMs = 2_000;
    private static readonly IReadOnlyDictionary<int, long> None = new Dictionary<int, long>();

    private readonly IConsumer<Ignore, Ignore> _consumer;
    private readonly string _topic;
    private readonly bool _isNamed;
    private readonly FollowedPartitions? _followed;
    private readonly IRebalanceListener _listener;

    /// <param name="client">How to reach the brokers.</param>
    /// <param name="settings">Topic, group and bounds.</param>
    /// <param name="read">Reads each record.</param>
    /// <param name="readContentType">Whether headers are needed.</param>
    /// <param name="listener">Receives the events of the consumer.</param>
    /// <param name="followed">Names the partitions to read; null for those that the group assigns.</param>
    public RecordConsumer(
        KafkaClientSettings client,
        KafkaConsumerSettings settings,
        RecordReader read,
        bool readContentType,
        IRebalanceListener listener,
        FollowedPartitions? followed
    )
    {
        _isNamed = settings.GroupInstanceId.Length > 0;
        _followed = followed;
        _listener = listener;
        _topic = settings.Topic;
        var slot = new RecordSlot(read);
        _consumer = new ConsumerBuilder<Ignore, Ignore>(settings.ToConfig(client, readContentType))
            .SetKeyDeserializer(slot.Key)
            .SetValueDeserializer(slot.Value)
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(listener, partitions))
            .SetPartitionsRevokedHandler((_, partitions) => listener.Revoked(partitions.ConvertAll(p => p.Partition.Value)))
            // Without this handler the client calls the one for revoked partitions, which would store offsets of partitions that other
            // members own.
            .SetPartitionsLostHandler((_, partitions) => listener.Lost(partitions.ConvertAll(p => p.Partition.Value)))
            .SetErrorHandler((_, error) => listener.Error(error))
            .SetLogHandler((_, message) => listener.Log(message))
            .Build();
    }

    public void Subscribe()
    {
        if (_followed is null)
        {
            _consumer.Subscribe(_topic);
        }
        else
        {
            _followed.Attach();
        }
    }

    public bool Poll(int timeoutMs, out RecordPosition position)
    {
        while (_followed is not null && _followed.TryTake(out var change))
        {
            Make(change);
        }

        var result = _consumer.Consume(timeoutMs);
        if (result is null)
        {
            position = default;
            return false;
        }

        var timestamp = result.Message.Timestamp;
        position = new RecordPosition(
            result.Partition.Value,
            result.Offset.Value,
            timestamp.Type == TimestampType.NotAvailable ? 0 : timestamp.UnixTimestampMs
        );
        return true;
    }

    public bool IsMember => _followed is null && _consumer.MemberId.Length > 0;

    public void Pause(int partition) => _consumer.Pause([new TopicPartition(_topic, partition)]);

    public void Resume(int partition) => _consumer.Resume([new TopicPartition(_topic, partition)]);

    public void Seek(int partition, long offset) => _consumer.Seek(new TopicPartitionOffset(_topic, partition, offset));

    public void StoreOffset(int partition, long nextOffset) =>
        _consumer.StoreOffset(new TopicPartitionOffset(_topic, partition, nextOffset));

    public long EndOffset(int partition) => _consumer.GetWatermarkOffsets(new TopicPartition(_topic, partition)).High.Value;

    public (long Start, long End) QueryOffsets(int partition, TimeSpan timeout)
    {
        var offsets = _consumer.QueryWatermarkOffsets(new TopicPartition(_topic, partition), timeout);
        return (offsets.Low.Value, offsets.High.Value);
    }

    public void Close()
    {
        _followed?.Detach();
        if (_isNamed && _followed is null)
        {
            LeaveAtOnce();
        }

        _consumer.Close();
    }

    // A static member that closes keeps its partitions until its session ends, since it may come back soon. A member that unsubscribes
    // first leaves at once.
    private void LeaveAtOnce()
    {
        try
        {
            _consumer.Unsubscribe();
            var deadline = Environment.TickCount64 + LeaveLimitMs;
            do
            {
                _ = _consumer.Consume(LeavePollMs);
            } while (_consumer.Assignment.Count > 0 && Environment.TickCount64 < deadline);
        }
        catch (KafkaException e)
        {
            _listener.Error(e.Error);
        }
    }

    public void Dispose() => _consumer.Dispose();

    private void Make(FollowedPartitions.Change change)
    {
        var partition = new TopicPartition(_topic, change.Partition);
        if (change.Follow)
        {
            var starts = _listener.Assigned(
                [change.Partition],
                change.FromOffset is { } offset ? new Dictionary<int, long> { [change.Partition] = offset } : None
            );
            _consumer.IncrementalAssign([Start(partition, starts)]);
        }
        else
        {
            _listener.Revoked([change.Partition]);
            // Commits the stored offsets as well.
            _consumer.IncrementalUnassign([partition]);
        }

        change.Made.TrySetResult();
    }

    private static List<TopicPartitionOffset> Assigned(IRebalanceListener listener, List<TopicPartition> partitions)
    {
        var starts = listener.Assigned(partitions.ConvertAll(p => p.Partition.Value));
        return partitions.ConvertAll(p => Start(p, starts));
    }

    private static TopicPartitionOffset Start(TopicPartition partition, IReadOnlyDictionary<int, long> starts) =>
        new(partition, starts.TryGetValue(partition.Partition.Value, out var offset) ? new Offset(offset) : Offset.Unset);

    // The client deserializes the key first and then the value of the same message; the few bytes of the key are kept until then.
    private sealed class RecordSlot
    {
        private readonly RecordReader _read;
        private byte[] _key = new byte[256];
        private int _keyLength = -1;

        public RecordSlot(RecordReader read)
        {
            _read = read;
            Key = new KeyPart(this);
            Value = new ValuePart(this);
        }

        public IDeserializer<Ignore> Key { get; }

        public IDeserializer<Ignore> Value { get; }

        private sealed class KeyPart(RecordSlot slot) : IDeserializer<Ignore>
        {
            public Ignore Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
            {
                if (data.Length > slot._key.Length)
                {
                    slot._key = new byte[data.Length * 2];
                }

                data.CopyTo(slot._key);
                slot._keyLength = isNull ? -1 : data.Length;
                return null!;
            }
        }

        private sealed class ValuePart(RecordSlot slot) : IDeserializer<Ignore>
        {
            public Ignore Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
            {
                slot._read(
                    new RecordView(
                        slot._key.AsSpan(0, Math.Max(0, slot._keyLength)),
                        slot._keyLength >= 0,
                        data,
                        !isNull,
                        ContentType(context.Headers)
                    )
                );
                return null!;
            }

            // Null where headers are not requested. Of several headers with one name the last counts, as everywhere in Kafka.
            private static ReadOnlySpan<byte> ContentType(Headers? headers)
            {
                for (var i = (headers?.Count ?? 0) - 1; i >= 0; i--)
                {
                    if (string.Equals(headers![i].Key, ContentTypes.Header, StringComparison.OrdinalIgnoreCase))
                    {
                        return headers[i].GetValueBytes();
                    }
                }

                return default;
            }
        }
    }
}
