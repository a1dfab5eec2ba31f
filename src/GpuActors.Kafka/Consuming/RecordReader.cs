using GpuActors.Kafka.Batching;

namespace GpuActors.Kafka.Consuming;

/// <summary>Gets a record's bytes while they are in the client's memory.</summary>
internal delegate void RecordReader(RecordView record);
