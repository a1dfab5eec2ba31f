namespace GpuActors.Kafka.Batching;

/// <summary>Key and value of one record in the client library's own memory: valid only during the call that gets it.</summary>
public readonly ref struct RecordView
{
    internal RecordView(ReadOnlySpan<byte> key, bool hasKey, ReadOnlySpan<byte> value, bool hasValue)
    {
        Key = key;
        HasKey = hasKey;
        Value = value;
        HasValue = hasValue;
    }

    /// <summary>Key bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>Whether the record has a key, if perhaps an empty one.</summary>
    public bool HasKey { get; }

    /// <summary>Value bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the record has a value, if perhaps an empty one; false for a tombstone.</summary>
    public bool HasValue { get; }
}
