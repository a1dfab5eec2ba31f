namespace GpuActors.Kafka.Consuming;

/// <summary>Where a record stands.</summary>
internal readonly record struct RecordPosition(int Partition, long Offset, long TimestampMs);
