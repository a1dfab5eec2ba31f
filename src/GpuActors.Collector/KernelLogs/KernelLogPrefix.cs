namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// The part of a line before its message: priority, time, host and tag. Only prefixes of lines from the kernel are accepted.
/// </summary>
/// <param name="TimeMs">Unix milliseconds; null when the line has no time of day.</param>
/// <param name="Host">Empty when the line names none.</param>
internal readonly record struct KernelLogPrefix(long? TimeMs, string Host)
{
    private const string Tag = "kernel:";

    /// <summary>Removes the prefix.</summary>
    /// <param name="text">The line; on return, the message.</param>
    /// <param name="nowMs">Current time, Unix milliseconds.</param>
    /// <param name="utcOffset">Offset of local time.</param>
    /// <param name="prefix">Time and host of the line.</param>
    /// <returns>False when the line is not from the kernel: any program can log the same text under its own name.</returns>
    public static bool TryStrip(ref ReadOnlySpan<char> text, long nowMs, TimeSpan utcOffset, out KernelLogPrefix prefix)
    {
        prefix = new KernelLogPrefix(null, "");
        SkipPriority(ref text);
        if (SkipKmsg(ref text))
        {
            return true;
        }

        long? time = LogTimes.TryIso(ref text, out var ms) || LogTimes.TryTraditional(ref text, nowMs, utcOffset, out ms) ? ms : null;
        text = text.TrimStart();
        SkipBrackets(ref text, utcOffset, ref time);
        if (IsMessage(text))
        {
            prefix = new KernelLogPrefix(time, "");
            return true;
        }

        var host = "";
        if (!text.StartsWith(Tag, StringComparison.Ordinal))
        {
            var end = text.IndexOf(' ');
            if (end <= 0)
            {
                return false;
            }

            host = text[..end].ToString();
            text = text[end..].TrimStart();
            if (!text.StartsWith(Tag, StringComparison.Ordinal))
            {
                return false;
            }
        }

        text = text[Tag.Length..].TrimStart();
        SkipBrackets(ref text, utcOffset, ref time);
        prefix = new KernelLogPrefix(time, host);
        return true;
    }

    private static bool IsMessage(ReadOnlySpan<char> text) =>
        text.StartsWith("NVRM:", StringComparison.Ordinal) || text.StartsWith("nvidia-", StringComparison.Ordinal);

    // <3>
    private static void SkipPriority(ref ReadOnlySpan<char> text)
    {
        var end = text.StartsWith('<') ? text.IndexOf('>') : -1;
        if (end is > 1 and < 5 && !text[1..end].ContainsAnyExceptInRange('0', '9'))
        {
            text = text[(end + 1)..].TrimStart();
        }
    }

    // 6,1234,5678,-;  and further fields before the semicolon. The third is microseconds since boot, not a time of day.
    private static bool SkipKmsg(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(';');
        if (end < 0)
        {
            return false;
        }

        var head = text[..end];
        for (var field = 0; field < 3; field++)
        {
            var comma = head.IndexOf(',');
            if (comma <= 0 || head[..comma].ContainsAnyExceptInRange('0', '9'))
            {
                return false;
            }

            head = head[(comma + 1)..];
        }

        text = text[(end + 1)..].TrimStart();
        return true;
    }

    // [12345.678901], [T1234], [Tue Nov 24 10:00:01 2026]
    private static void SkipBrackets(ref ReadOnlySpan<char> text, TimeSpan utcOffset, ref long? time)
    {
        while (text.StartsWith('[') && text.IndexOf(']') is > 0 and var end)
        {
            time ??= LogTimes.TryWithYear(text[1..end], utcOffset, out var ms) ? ms : null;
            text = text[(end + 1)..].TrimStart();
        }
    }
}
