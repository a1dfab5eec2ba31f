namespace GpuActors.Core.Windows;

/// <summary>
/// The statistics of a closed minute or hour in 16 bytes; <c>default</c> is the empty bucket. What the bits mean depends on the metric:
/// <see cref="BucketScale"/> packs and unpacks them.
/// </summary>
/// <param name="Low">Bits 0 to 63; the lowest ones are the count.</param>
/// <param name="High">Bits 64 to 127.</param>
internal readonly record struct PackedBucket(ulong Low, ulong High)
{
    /// <summary>Bytes of a packed bucket.</summary>
    public const int Size = 16;

    /// <summary>True when no value fell into the span.</summary>
    public bool IsEmpty => (Low & BucketScale.MaxCount) == 0;
}
