namespace GpuActors.Core.Messaging;

/// <summary>A record to be produced to a topic.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Key">Key bytes (the GPU's UUID); null if the record has no key.</param>
/// <param name="Value">Value bytes; null for a tombstone.</param>
/// <param name="Headers">Headers in order; null if the record has none.</param>
/// <param name="TimestampMs">Record timestamp in Unix milliseconds; 0 to let the client set it.</param>
public readonly record struct OutgoingRecord(
    string Topic,
    byte[]? Key,
    byte[]? Value,
    IReadOnlyList<KeyValuePair<string, byte[]>>? Headers = null,
    long TimestampMs = 0
);
