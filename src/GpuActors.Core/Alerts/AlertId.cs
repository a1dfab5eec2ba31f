using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>
/// The id of an alert: 1 to 128 printable ASCII characters without space. The engine makes it with <see cref="Of"/>; records of other
/// producers may have ids of another form.
/// </summary>
[JsonConverter(typeof(AlertIdConverter))]
public readonly record struct AlertId
{
    /// <summary>Longest id that is accepted, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The text; null only in <c>default</c>.</summary>
    public string Value { get; private init; }

    /// <summary>
    /// The id of an alert that the engine opens: 32 hexadecimal digits, the first half of a SHA-256. The same GPU, rule, discriminator and
    /// opening time always give the same id, so a replay publishes no new alert.
    /// </summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="rule">Id of the rule.</param>
    /// <param name="discriminator">What distinguishes alerts of one rule on one GPU (the code of an XID); empty when there is one at a
    /// time.</param>
    /// <param name="openedAtMs">Sample time at which the alert opened, Unix milliseconds.</param>
    public static AlertId Of(GpuId gpu, string rule, string discriminator, long openedAtMs)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{gpu.Value}|{rule}|{discriminator}|{openedAtMs}");
        return new AlertId { Value = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)) };
    }

    /// <summary>Makes an id of <paramref name="text"/> if it is a valid one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AlertId id)
    {
        var ok = text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e');
        id = ok ? new AlertId { Value = text! } : default;
        return ok;
    }

    /// <summary>Makes an id of <paramref name="text"/>.</summary>
    /// <exception cref="FormatException">The text is empty, longer than 128 characters, or contains a space, a control character or a
    /// character outside ASCII.</exception>
    public static AlertId Parse(string text) =>
        TryParse(text, out var id)
            ? id
            : throw new FormatException(
                $"'{TextLimits.Quote(text)}' is not an alert id: it must have 1 to {MaxLength} printable ASCII characters without space"
            );

    /// <inheritdoc/>
    public override string ToString() => Value ?? "";
}
