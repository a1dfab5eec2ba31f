using GpuActors.Kafka.Batching;

namespace GpuActors.Kafka.Consuming;

/// <summary>Reads a record while its bytes are in the memory of the client library.</summary>
internal delegate void RecordReader(RecordView record);
