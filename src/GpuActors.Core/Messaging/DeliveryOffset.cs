namespace GpuActors.Core.Messaging;

/// <summary>The values that stand for an offset where a record was not delivered.</summary>
public static class DeliveryOffset
{
    /// <summary>The record was not delivered.</summary>
    public const long None = -1;

    /// <summary>The client or the broker refuses the record for its size. It will never be delivered unless it is shortened.</summary>
    public const long TooLarge = -2;
}
