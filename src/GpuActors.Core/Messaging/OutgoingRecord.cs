namespace GpuActors.Core.Messaging;

/// <summary>A record on its way to a topic.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Key">Key bytes (the GPU's UUID); null for none.</param>
/// <param name="Value">Value bytes; null for none.</param>
/// <param name="Headers">Headers in order, or null for none.</param>
/// <param name="TimestampMs">Record timestamp in Unix milliseconds; 0 lets the client set it.</param>
public readonly record struct OutgoingRecord(
    string Topic,
    byte[]? Key,
    byte[]? Value,
    IReadOnlyList<KeyValuePair<string, byte[]>>? Headers = null,
    long TimestampMs = 0
);
