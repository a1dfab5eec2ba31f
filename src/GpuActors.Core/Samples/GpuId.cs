using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace GpuActors.Core.Samples;

/// <summary>
/// The UUID of a GPU as NVML prints it (<c>GPU-265c9814-6156-355b-e589-ff2064894f16</c>). It identifies the GPU's actor and, as UTF-8
/// bytes, is the key of its Kafka records. Forms used by other producers (<c>MIG-…</c>) are accepted: 1 to 128 printable ASCII characters
/// without space.
/// </summary>
[JsonConverter(typeof(GpuIdConverter))]
public readonly record struct GpuId
{
    /// <summary>Maximum length of an id, in bytes.</summary>
    public const int MaxLength = 128;

    /// <summary>The id as text; null only for <c>default(GpuId)</c>.</summary>
    public string Value { get; private init; }

    /// <summary>Checks whether <paramref name="utf8"/> is a valid id, without allocating.</summary>
    public static bool IsValid(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= MaxLength && utf8.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7e) < 0;

    /// <summary>Converts <paramref name="text"/> to an id. Returns false if the text is not a valid id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out GpuId id)
    {
        var ok = text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e');
        id = ok ? new GpuId { Value = text! } : default;
        return ok;
    }

    /// <summary>Converts <paramref name="text"/> to an id.</summary>
    /// <exception cref="FormatException">The text is empty, longer than 128 characters or contains a space, a control character or a
    /// non-ASCII character.</exception>
    public static GpuId Parse(string text) =>
        TryParse(text, out var id)
            ? id
            : throw new FormatException(
                $"'{TextLimits.Quote(text)}' is not a valid GPU id: it must have 1 to {MaxLength} printable ASCII characters without "
                    + "space, such as GPU-265c9814-6156-355b-e589-ff2064894f16"
            );

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
