namespace GpuActors.Kafka.Buffering;

/// <summary>How much a <see cref="BufferedRecordProducer"/> keeps while the brokers do not take records.</summary>
public sealed record BufferSettings
{
    /// <summary>How long a record is kept; older ones are dropped first. Default 1 h.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Bytes in memory. Default 64 MiB.</summary>
    public long MemoryBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes on disk, used when the memory is full. Default 0: memory only.</summary>
    public long DiskBytes { get; init; }

    /// <summary>Directory of the files; created on demand. Default empty: memory only.</summary>
    public string Directory { get; init; } = "";
}
