namespace GpuActors.Kafka.Batching;

/// <summary>Key and value of one record in the client library's own memory: valid only during the call that gets it.</summary>
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

    /// <summary>Whether the record has a key, if perhaps an empty one.</summary>
    public bool HasKey { get; }

    /// <summary>Value bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the record has a value, if perhaps an empty one; false for a tombstone.</summary>
    public bool HasValue { get; }

    /// <summary>
    /// Value of the header <c>content-type</c>; empty when there is none, or when the batcher does not ask for it
    /// (<see cref="IRecordBatcher{TBatch}.ReadsContentType"/>).
    /// </summary>
    public ReadOnlySpan<byte> ContentType { get; }
}
