using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Core.Samples;

/// <summary>
/// The UUID of a GPU as NVML prints it (<c>GPU-265c9814-6156-355b-e589-ff2064894f16</c>): the identity of its actor and, as UTF-8 bytes,
/// the key of its Kafka records. Other producers' forms (<c>MIG-…</c>) are accepted: 1 to 128 printable ASCII bytes without space.
/// </summary>
public readonly record struct GpuId
{
    /// <summary>Longest id that is accepted, in bytes.</summary>
    public const int MaxLength = 128;

    private GpuId(string value) => Value = value;

    /// <summary>The text; null only in <c>default</c>.</summary>
    public string Value { get; }

    /// <summary>Checks <paramref name="utf8"/> without creating anything.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= MaxLength && utf8.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7e) < 0;

    /// <summary>Makes an id of <paramref name="text"/> if it is a valid one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out GpuId id)
    {
        var ok = text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e');
        id = ok ? new GpuId(text!) : default;
        return ok;
    }

    /// <summary>Makes an id of <paramref name="text"/>.</summary>
    /// <exception cref="FormatException">The text is empty, longer than 128 characters or holds a space, control or non-ASCII
    /// character.</exception>
    public static GpuId Parse(string text) =>
        TryParse(text, out var id)
            ? id
            : throw new FormatException(
                $"'{text}' is no GPU id: 1 to {MaxLength} printable ASCII characters without space are wanted, such as GPU-265c9814-6156-355b-e589-ff2064894f16"
            );

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
