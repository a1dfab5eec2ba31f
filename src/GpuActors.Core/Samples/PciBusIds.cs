using System.Globalization;

namespace GpuActors.Core.Samples;

/// <summary>
/// One form for a device's PCI bus id. DCGM prints an eight-digit domain in capitals (<c>00000000:B3:00.0</c>), the kernel a four-digit one
/// in small letters, often without the function (<c>0000:b3:00</c>).
/// </summary>
public static class PciBusIds
{
    /// <summary>Reads an id with a domain of 4 to 8 digits; a missing function is 0, which is the GPU's.</summary>
    /// <param name="text">The id alone.</param>
    /// <param name="id">The id in DCGM's form, lower case; empty when it is none.</param>
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

    /// <summary>The id in DCGM's form, lower case. What is no id is only put into lower case.</summary>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var id) ? id : text.ToLowerInvariant();
    }

    // The runtime's parser passes over NULs behind the digits: a damaged "c3" would become device 0c.
    private static bool Hex(ReadOnlySpan<char> text, out uint value)
    {
        value = 0;
        return !text.Contains('\0') && uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
