using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Parses single lines of a kernel log, as syslog, dmesg, <c>/dev/kmsg</c> and journalctl write them, and finds reports of NVIDIA's driver
/// on GPUs and NVSwitches. All other lines are ignored, and so is a damaged report: it could name the wrong device. Never throws.
/// </summary>
public static class KernelLogParser
{
    /// <summary>The XID of a GPU that has fallen off the bus.</summary>
    public const int FallenOffBusCode = 79;

    private const string Driver = "NVRM: ",
        Switch = "nvidia-nvswitch",
        Fallen = "fallen off the bus";

    // XIDs have up to three digits, SXids five.
    private const int MaxCode = 99_999;

    // The end of the year 9999, the largest time that a record can hold.
    private const long LatestMicroseconds = 253_402_300_799_999_000;

    /// <summary>Parses one line.</summary>
    /// <param name="line">The line, with or without its end.</param>
    /// <param name="nowMs">Now, Unix milliseconds: a syslog time has no year.</param>
    /// <param name="utcOffset">Offset of the host's local time from UTC: a syslog time has no zone.</param>
    /// <param name="parsed">The report; undefined when the result is false.</param>
    /// <returns>False when the line contains no report.</returns>
    public static bool TryParse(ReadOnlySpan<char> line, long nowMs, TimeSpan utcOffset, out KernelLogLine parsed)
    {
        parsed = default;
        // Fast path: nearly all lines. A JSON entry may have its message as a list of bytes.
        var isJson = line.TrimStart().StartsWith('{') && line.Contains("MESSAGE", StringComparison.Ordinal);
        var message = isJson ? 0 : MessageIn(line);
        if (message < 0)
        {
            return false;
        }

        if (isJson)
        {
            return TryJson(line.Trim().ToString(), out parsed);
        }

        var text = line;
        return KernelLogPrefix.TryStrip(ref text, message, nowMs, utcOffset, out var prefix)
            && TryMessage(text.TrimEnd(), prefix, out parsed);
    }

    /// <summary>Whether a line contains the text of an error, so that it must not be passed over without a word.</summary>
    public static bool NamesError(ReadOnlySpan<char> line) =>
        (line.Contains("NVRM: Xid (", StringComparison.Ordinal) || line.Contains(": SXid (", StringComparison.Ordinal))
        && !line.Contains(", Severity ", StringComparison.Ordinal)
        && !line.Contains(", Data {", StringComparison.Ordinal);

    // Where the first text of the driver starts; -1 for none.
    private static int MessageIn(ReadOnlySpan<char> line)
    {
        int driver = line.IndexOf(Driver, StringComparison.Ordinal),
            nvSwitch = line.IndexOf(Switch, StringComparison.Ordinal);
        return driver < 0 || nvSwitch < 0 ? Math.Max(driver, nvSwitch) : Math.Min(driver, nvSwitch);
    }

    // journalctl -o json: any process can write any message, so the entry must be from the kernel.
    private static bool TryJson(string text, out KernelLogLine parsed)
    {
        parsed = default;
        try
        {
            using var document = JsonDocument.Parse(text);
            var entry = document.RootElement;
            if (
                Text(entry, "_TRANSPORT") is { Length: > 0 } transport
                    ? transport != "kernel"
                    : Text(entry, "SYSLOG_IDENTIFIER") != "kernel"
            )
            {
                return false;
            }

            long? time =
                long.TryParse(Text(entry, "__REALTIME_TIMESTAMP"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
                && microseconds <= LatestMicroseconds
                    ? microseconds / 1000
                    : null;
            var message = Text(entry, "MESSAGE").AsSpan().Trim();
            return TryMessage(message, new KernelLogPrefix(time, Text(entry, "_HOSTNAME"), IsKnown: true), out parsed);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // Truncated, or with an invalid escape.
        }
    }

    // journalctl writes a text that is not UTF-8 as a list of its bytes, and a member that occurs several times as a list of its values.
    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var member) ? Text(member) : "";

    private static string Text(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return value.GetString()!;
            case JsonValueKind.Array when value.EnumerateArray().All(b => b.ValueKind == JsonValueKind.Number && b.TryGetByte(out _)):
                return Encoding.UTF8.GetString([.. value.EnumerateArray().Select(b => b.GetByte())]);
            case JsonValueKind.Array:
                var texts = value
                    .EnumerateArray()
                    .Where(v => v.ValueKind is JsonValueKind.String or JsonValueKind.Array)
                    .Select(Text)
                    .ToList();
                return texts.Find(text => MessageIn(text) == 0) ?? texts.FirstOrDefault() ?? "";
            default:
                return "";
        }
    }

    private static bool TryMessage(ReadOnlySpan<char> message, KernelLogPrefix prefix, out KernelLogLine parsed)
    {
        var (part, kind, code, device) = (KernelLogPart.Whole, KernelLogKind.FallenOffBus, FallenOffBusCode, "");
        bool says;
        if (message.StartsWith(Switch, StringComparison.Ordinal))
        {
            kind = KernelLogKind.SXid;
            says = TrySXid(message[Switch.Length..], out code, out device);
        }
        else if (!message.StartsWith(Driver, StringComparison.Ordinal))
        {
            says = false;
        }
        else if (message[Driver.Length..].TrimStart() is var rest && rest.StartsWith("Xid (", StringComparison.Ordinal))
        {
            kind = KernelLogKind.Xid;
            says = TryCode(rest[5..], out code, out device, out _);
        }
        else
        {
            says = TryFallen(rest, out part, out device);
        }

        parsed = says
            ? new KernelLogLine(part, kind, code, device, prefix.TimeMs, prefix.Host, KernelLogEvent.Cut(message))
            {
                HasKnownPrefix = prefix.IsKnown,
            }
            : default;
        return says;
    }

    // "The NVIDIA GPU 0000:b3:00.0", "(PCI ID: 10de:2330) installed in this system has", "fallen off the bus and is not responding to
    // commands.": in one line or in three, and in one as "GPU 0000:a1:00.0: GPU has fallen off the bus".
    private static bool TryFallen(ReadOnlySpan<char> rest, out KernelLogPart part, out string device)
    {
        const string Probed = "The NVIDIA GPU ",
            Lost = "GPU ";
        var fallen = rest.Contains(Fallen, StringComparison.Ordinal);
        part = fallen ? KernelLogPart.Whole : KernelLogPart.Device;
        device = "";
        if (rest.StartsWith(Probed, StringComparison.Ordinal))
        {
            var name = rest[Probed.Length..];
            var end = name.IndexOfAny(" \n\\#(");
            return PciBusIds.TryParse(end < 0 ? name : name[..end], out device);
        }

        if (rest.StartsWith(Lost, StringComparison.Ordinal))
        {
            var name = rest[Lost.Length..];
            var end = name.IndexOf(": ", StringComparison.Ordinal);
            return fallen && end > 0 && PciBusIds.TryParse(name[..end], out device);
        }

        part = KernelLogPart.FallenOffBus;
        return fallen;
    }

    // "3: SXid (PCI:0000:c3:00.0): 12028, Non-fatal, Link 32 …". Two more lines with registers follow for the same error.
    private static bool TrySXid(ReadOnlySpan<char> rest, out int code, out string device)
    {
        (code, device) = (0, "");
        var name = rest.IndexOf(": SXid (", StringComparison.Ordinal);
        return name >= 0
            && !rest[..name].ContainsAnyExceptInRange('0', '9')
            && TryCode(rest[(name + 8)..], out code, out device, out var detail)
            && !detail.StartsWith("Severity ", StringComparison.Ordinal)
            && !detail.StartsWith("Data ", StringComparison.Ordinal);
    }

    // "PCI:0000:b3:00): 79, …", "0000:b3:00): 79, …", on a MIG instance "PCI:0000:b3:00 GPU-I:05): 79, …".
    // Without its comma the code may
    // be truncated.
    private static bool TryCode(ReadOnlySpan<char> text, out int code, out string device, out ReadOnlySpan<char> detail)
    {
        (code, device) = (0, "");
        detail = default;
        var close = text.IndexOf(')');
        if (close < 0)
        {
            return false;
        }

        var name = text[..close];
        name = name.StartsWith("PCI:", StringComparison.Ordinal) ? name[4..] : name;
        var instance = name.IndexOf(' ');
        var rest = text[(close + 1)..];
        var comma = rest.IndexOf(',');
        if (
            !PciBusIds.TryParse(instance < 0 ? name : name[..instance], out device)
            || comma < 2
            || rest[0] != ':'
            || rest[..comma].Contains('\0')
            || !int.TryParse(rest[1..comma].Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out code)
            || code is 0 or > MaxCode
        )
        {
            return false;
        }

        detail = rest[(comma + 1)..].TrimStart();
        return true;
    }
}
