namespace GpuActors.Core.Validation;

/// <summary>What a record may look like before it is taken for a sample (<c>gpu-actors.validation</c>).</summary>
public sealed record ValidationSettings
{
    /// <summary>
    /// How far a sample's time may lie behind the time at which Kafka appended it. Default 7 days: a collector that was cut off delivers
    /// late, and the windows reach back that far; beyond, the time is wrong.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How far a sample's time may lie ahead of the time at which Kafka appended it. Default 5 minutes: clock skew, no more.
    /// </summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Largest value of a record, in bytes. Default 1 MiB: a sample is about 1 KiB.</summary>
    public int MaxValueBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Whether a record's header <c>content-type</c> decides its format. Default true. Without it the first byte does, which tells JSON
    /// from Protobuf as every serializer in use writes it; the client library then makes no list of headers per record (60 bytes, some 0.2
    /// µs).
    /// </summary>
    public bool ReadContentType { get; init; } = true;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is not positive; the text names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxAge, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAhead, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxValueBytes, 1024);
    }
}
