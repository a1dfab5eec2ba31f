using System.Globalization;

namespace GpuActors.Core.Samples;

/// <summary>
/// Converts PCI bus ids to one canonical form. DCGM prints an eight-digit domain in upper case (<c>00000000:B3:00.0</c>); the kernel prints
/// a four-digit domain in lower case, often without the function (<c>0000:b3:00</c>).
/// </summary>
public static class PciBusIds
{
    /// <summary>Parses an id with a domain of 4 to 8 digits. If the function is missing, it is 0, the function of the GPU.</summary>
    /// <param name="text">The id, without surrounding text.</param>
    /// <param name="id">The id in DCGM's form, lower case; empty if the text is not an id.</param>
    /// <returns>True if the text is an id.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out string id)
    {
        id = "";
        var domain = text.IndexOf(':');
        if (domain is < 4 or > 8 || !Hex(text[..domain], out var d))
        {
            return false;
        }

        var rest = text[(domain + 1)..];
        if (rest.Length is not (5 or 7) || rest[2] != ':' || !Hex(rest[..2], out var bus) || !Hex(rest.Slice(3, 2), out var device))
        {
            return false;
        }

        uint function = 0;
        if (rest.Length == 7 && (rest[5] != '.' || !Hex(rest[6..], out function)))
        {
            return false;
        }

        id = string.Create(CultureInfo.InvariantCulture, $"{d:x8}:{bus:x2}:{device:x2}.{function:x}");
        return true;
    }

    /// <summary>Converts an id to DCGM's form, lower case. Text that is not an id is only converted to lower case.</summary>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id) ? id : text.ToLowerInvariant();
    }

    // uint.TryParse ignores trailing NUL characters: a damaged "c\0" would be parsed as device 0c.
    private static bool Hex(ReadOnlySpan<char> text, out uint value)
    {
        value = 0;
        return !text.Contains('\0') && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
