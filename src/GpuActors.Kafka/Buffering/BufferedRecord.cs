using GpuActors.Core.Messaging;

namespace GpuActors.Kafka.Buffering;

/// <summary>A record on its way.</summary>
internal sealed class BufferedRecord
{
    // Objects around the bytes of key and value.
    private const int Overhead = 160;

    public required OutgoingRecord Record { get; init; }

    /// <summary>Told of the outcome.</summary>
    public required DeliveryHandler? Handler { get; init; }

    /// <summary>For the handler.</summary>
    public object? State { get; init; }

    /// <summary>When it came, as a timestamp of the clock.</summary>
    public required long Since { get; init; }

    /// <summary>Its place in the order of all records; set when it is handed to the client.</summary>
    public long Number { get; set; }

    /// <summary>When it was handed to the client.</summary>
    public long SentAt { get; set; }

    /// <summary>The client that has it; records of an earlier client were taken back.</summary>
    public int Generation { get; set; }

    /// <summary>Memory that it takes.</summary>
    public int Bytes => Overhead + (Record.Key?.Length ?? 0) + (Record.Value?.Length ?? 0);
}
