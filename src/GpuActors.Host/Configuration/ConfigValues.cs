using System.Globalization;

namespace GpuActors.Host.Configuration;

/// <summary>Texts to values, strictly: no unit is guessed, nothing reads as zero.</summary>
internal static class ConfigValues
{
    private static readonly (string Unit, double Milliseconds)[] Durations =
    [
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];

    private static readonly (string Unit, long Bytes)[] Sizes = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("B", 1)];

    /// <summary>What a value of the type must look like, for error texts.</summary>
    public static string Expected(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(TimeSpan) ? "a duration with its unit, such as 500ms, 5s, 10m, 24h or 7d"
            : type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) || type == typeof(short) ? "a whole number (sizes may say KiB, MiB or GiB)"
            : type == typeof(double) ? "a number"
            : type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type).Select(KebabCase.Of))
            : "text";
    }

    /// <summary>Reads a value; null when the text is none of that type.</summary>
    public static object? Parse(Type type, ConfigValue value)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var text = value.Text.Trim();
        return type switch
        {
            _ when type == typeof(string) => value.Text,
            _ when type == typeof(TimeSpan) => Duration(text),
            _ when type == typeof(bool) => text switch
            {
                "true" or "on" or "yes" => true,
                "false" or "off" or "no" => false,
                _ => null,
            },
            _ when type == typeof(double) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d)
            && double.IsFinite(d)
                ? d
                : null,
            _ when type == typeof(int) => Whole(text) is { } whole and >= int.MinValue and <= int.MaxValue ? (int)whole : null,
            _ when type == typeof(long) => Whole(text),
            _ when type == typeof(short) => Whole(text) is { } small and >= short.MinValue and <= short.MaxValue ? (short)small : null,
            _ when type.IsEnum => Enum.GetValuesAsUnderlyingType(type)
                .Cast<object>()
                .Select(v => Enum.ToObject(type, v))
                .FirstOrDefault(v => KebabCase.Of(v.ToString()!) == text || v.ToString() == text),
            _ => throw new NotSupportedException($"No configuration value is read as {type}"),
        };
    }

    private static TimeSpan? Duration(string text)
    {
        foreach (var (unit, milliseconds) in Durations)
        {
            if (
                text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(
                    text.AsSpan(0, text.Length - unit.Length),
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                && number * milliseconds < TimeSpan.MaxValue.TotalMilliseconds
            )
            {
                return TimeSpan.FromMilliseconds(number * milliseconds);
            }
        }

        return text == "0" ? TimeSpan.Zero : null;
    }

    private static long? Whole(string text)
    {
        foreach (var (unit, bytes) in Sizes)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal))
            {
                return
                    long.TryParse(
                        text.AsSpan(0, text.Length - unit.Length).TrimEnd(),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var n
                    )
                    && n <= long.MaxValue / bytes
                    ? n * bytes
                    : null;
            }
        }

        if (text.StartsWith("0x", StringComparison.Ordinal))
        {
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
