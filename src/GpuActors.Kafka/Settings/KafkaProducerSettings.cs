using Confluent.Kafka;

namespace GpuActors.Kafka.Settings;

/// <summary>
/// Settings of one producer. Idempotence, acks=all and the murmur2 partitioner cannot be changed: the system relies on them.
/// </summary>
public sealed record KafkaProducerSettings
{
    /// <summary>How long a record waits for others that share its request. Default 2 ms; 0 for alerts, 5-20 ms for bulk.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary><c>lz4</c> (default), <c>zstd</c>, <c>snappy</c>, <c>gzip</c> or <c>none</c>.</summary>
    public string Compression { get; init; } = "lz4";

    /// <summary>
    /// Most records in the local queue; when it is full, <see cref="KafkaRecordProducer.TryProduce"/> returns false. Default 100,000.
    /// </summary>
    public int MaxQueuedRecords { get; init; } = 100_000;

    /// <summary>Memory of the local queue in KiB. Default 65,536 (64 MiB).</summary>
    public int MaxQueuedKbytes { get; init; } = 65_536;

    /// <summary>
    /// How long delivery of a record is attempted. Default 2 min, longer than a broker's restart; 0 for no limit.
    /// </summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Largest record in bytes. Default 1,000,000, the default of brokers.</summary>
    public int MaxMessageBytes { get; init; } = 1_000_000;

    /// <summary>How long closing waits for records in flight. Default 10 s; the remaining ones are counted and logged.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The errors of these settings, each with name, value and remedy; empty when all are valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new SettingErrors();
        errors.RequireRange(Linger, TimeSpan.Zero, TimeSpan.FromMinutes(1), "linger");
        errors.Require(Codec is not null, "compression", Compression, "use lz4, zstd, snappy, gzip or none");
        errors.RequireRange(MaxQueuedRecords, 1, 10_000_000, "max-queued-records");
        errors.RequireRange(MaxQueuedKbytes, 1, 2_097_151, "max-queued-kbytes");
        errors.Require(
            MessageTimeout == TimeSpan.Zero || (MessageTimeout > Linger && MessageTimeout <= TimeSpan.FromDays(1)),
            "message-timeout",
            MessageTimeout,
            "give a duration longer than linger, at most a day, or 0 for no end"
        );
        errors.RequireRange(MaxMessageBytes, 1_000, 1_000_000_000, "max-message-bytes");
        errors.RequireRange(CloseTimeout, TimeSpan.Zero, TimeSpan.FromHours(1), "close-timeout");
        return errors.All;
    }

    internal ProducerConfig ToConfig(KafkaClientSettings client) =>
        client.ApplyProperties(
            client.Apply(
                new ProducerConfig
                {
                    EnableIdempotence = true,
                    Acks = Acks.All,
                    Partitioner = Partitioner.Murmur2Random,
                    LingerMs = Linger.TotalMilliseconds,
                    CompressionType = Codec,
                    QueueBufferingMaxMessages = MaxQueuedRecords,
                    QueueBufferingMaxKbytes = MaxQueuedKbytes,
                    MessageTimeoutMs = (int)MessageTimeout.TotalMilliseconds,
                    MessageMaxBytes = MaxMessageBytes,
                    RetryBackoffMaxMs = 1_000,
                    // Delivery reports need only the status; copies of key, value and headers would double the work.
                    DeliveryReportFields = "status",
                }
            )
        );

    private CompressionType? Codec =>
        Compression switch
        {
            "lz4" => CompressionType.Lz4,
            "zstd" => CompressionType.Zstd,
            "snappy" => CompressionType.Snappy,
            "gzip" => CompressionType.Gzip,
            "none" => CompressionType.None,
            _ => null,
        };
}
