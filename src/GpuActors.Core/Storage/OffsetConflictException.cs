namespace GpuActors.Core.Storage;

/// <summary>
/// The database is further on, or further back, than this writer believes: it must give up its partition and start again from the stored
/// offset.
/// </summary>
public sealed class OffsetConflictException : Exception
{
    /// <summary>Names the partition and both offsets.</summary>
    public OffsetConflictException(string topic, int partition, long stored, long attempted)
        : base(
            $"{topic}[{partition}]: the database expects offset {stored}, this writer has {attempted}; another node stored this partition meanwhile. Restart reading from the stored offset."
        ) { }
}
