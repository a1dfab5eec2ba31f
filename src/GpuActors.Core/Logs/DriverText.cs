using System.Buffers;
using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Rules;

namespace GpuActors.Core.Logs;

/// <summary>What the driver's text of an XID or SXid says beyond the code.</summary>
/// <param name="Detail">The text after the code, without process id and name; at most <see cref="MostDetail"/> characters.</param>
/// <param name="Severity">Severity that the text asks for at least; null for none.</param>
/// <param name="Action">Recommended action that the text asks for; null for none.</param>
public readonly record struct DriverText(string Detail, AlertSeverity? Severity, string? Action)
{
    /// <summary>Longest detail, in characters: link, registers and the driver's sentence.</summary>
    public const int MostDetail = 240;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The detail of a message; empty when the message has no code.</summary>
    public static DriverText Of(KernelLogEvent line)
    {
        ArgumentNullException.ThrowIfNull(line);
        var text = line.Message.AsSpan();
        var code = text.IndexOf("): ", StringComparison.Ordinal);
        var comma = code < 0 ? -1 : text[code..].IndexOf(',');
        if (comma < 0)
        {
            return new DriverText("", null, null);
        }

        var rest = text[(code + comma + 1)..].TrimStart();
        // pid=4711, name=python3, pid='<unknown>'
        while (rest.StartsWith("pid=", StringComparison.Ordinal) || rest.StartsWith("name=", StringComparison.Ordinal))
        {
            var end = rest.IndexOf(", ", StringComparison.Ordinal);
            rest = end < 0 ? default : rest[(end + 2)..];
        }

        // Codes that need no action by the catalogue of XIDs have texts that ask for one (157, 160, 161).
        var action =
            rest.Contains("node reboot", StringComparison.OrdinalIgnoreCase) ? RecommendedAction.RebootNode
            : rest.Contains("no spare", StringComparison.Ordinal) || rest.Contains("no more spare", StringComparison.Ordinal)
                ? RecommendedAction.ContactSupport
            : null;
        AlertSeverity? severity =
            IsFatal(rest) ? AlertSeverity.Critical
            : action is not null ? AlertSeverity.Warning
            : null;
        return new DriverText(Cut(rest.Trim()), severity, action);
    }

    /// <summary>
    /// The recovery action that the text of an XID 154 says, in the vocabulary of DCGM field 1523 (0 none, 1 GPU reset, 2 node reboot,
    /// 3 drain peer-to-peer traffic, 4 drain and reset); null when it says none.
    /// </summary>
    public static int? RecoveryAction(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        const string To = " to 0x";
        var at = message.LastIndexOf(To, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var digits = message.AsSpan(at + To.Length);
        var end = digits.IndexOfAnyExcept(HexDigits);
        return
            int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var action)
            && action is >= 0 and <= 4
            ? action
            : null;
    }

    private static string Cut(ReadOnlySpan<char> text) =>
        text.Length <= MostDetail
            ? text.ToString()
            : string.Concat(text[..(char.IsHighSurrogate(text[MostDetail - 1]) ? MostDetail - 1 : MostDetail)], "…");

    // The word as the driver's lists of errors have it, Fatal and Nonfatal or Non-fatal; "fatal error detected on link" of XID 74 is its
    // usual sentence.
    private static bool IsFatal(ReadOnlySpan<char> text)
    {
        const string Word = "Fatal";
        var at = text.IndexOf(Word, StringComparison.Ordinal);
        return at >= 0 && (at + Word.Length == text.Length || text[at + Word.Length] is ' ' or ',');
    }
}
