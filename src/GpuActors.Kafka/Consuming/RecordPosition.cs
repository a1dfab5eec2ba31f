namespace GpuActors.Kafka.Consuming;

/// <summary>Position of a record in its topic, and its timestamp in Unix milliseconds.</summary>
internal readonly record struct RecordPosition(int Partition, long Offset, long TimestampMs);
