namespace GpuActors.Kafka.Batching;

/// <summary>Key and value of one record in the memory of the client library: valid only during the call that receives it.</summary>
public readonly ref struct RecordView
{
    internal RecordView(
        ReadOnlySpan<byte> key,
        bool hasKey,
        ReadOnlySpan<byte> value,
        bool hasValue,
        ReadOnlySpan<byte> contentType = default
    )
    {
        Key = key;
        HasKey = hasKey;
        Value = value;
        HasValue = hasValue;
        ContentType = contentType;
    }

    /// <summary>Key bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Whether the record has a key, which may be empty.</summary>
    public bool HasKey { get; }

    /// <summary>Value bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the record has a value, which may be empty; false for a tombstone.</summary>
    public bool HasValue { get; }

    /// <summary>
    /// Value of the header <c>content-type</c>; empty when there is none, or when the batcher does not read it
    /// (<see cref="IRecordBatcher{TBatch}.ReadsContentType"/>).
    /// </summary>
    public ReadOnlySpan<byte> ContentType { get; }
}
