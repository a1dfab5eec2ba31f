using System.Collections.Frozen;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// The part of a line before its message: priority, facility, time, host and tag, in the order in which a logger writes them. The line of
/// another program is refused, since any program can log the driver's text under its own name. A prefix that no known logger writes is
/// accepted: a GPU error must not be lost for its form.
/// </summary>
/// <param name="TimeMs">Unix milliseconds; null when the line has no time of day.</param>
/// <param name="Host">Empty when the line names none.</param>
/// <param name="IsKnown">Whether the prefix has a known form.</param>
internal readonly record struct KernelLogPrefix(long? TimeMs, string Host, bool IsKnown)
{
    private const string Kernel = "kernel";

    // syslog(3) and dmesg -x.
    private static readonly FrozenSet<string> Levels = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        ["kern", "emerg", "alert", "crit", "err", "error", "warn", "warning", "notice", "info", "debug"]
    );

    /// <summary>Removes the prefix.</summary>
    /// <param name="text">The line; on return, the message.</param>
    /// <param name="message">Where the message starts in the line.</param>
    /// <param name="nowMs">Current time, Unix milliseconds.</param>
    /// <param name="utcOffset">Offset of local time.</param>
    /// <param name="prefix">Time and host of the line.</param>
    /// <returns>False when the line is not from the kernel.</returns>
    public static bool TryStrip(ref ReadOnlySpan<char> text, int message, long nowMs, TimeSpan utcOffset, out KernelLogPrefix prefix)
    {
        var head = text[..message];
        text = text[message..];
        prefix = new KernelLogPrefix(null, "", true);
        var hasPriority = SkipPriority(ref head);
        if (SkipKmsg(ref head))
        {
            return head.IsWhiteSpace();
        }

        var (isKernel, hasLevel, hasVersion, isOdd) = (false, false, false, false);
        for (head = Trimmed(head); !head.IsEmpty; head = Trimmed(head))
        {
            if (head[0] == '[' && head.IndexOf(']') is > 0 and var end)
            {
                var time = prefix.TimeMs ?? TimeIn(head[1..end], utcOffset);
                prefix = prefix with { TimeMs = time };
                head = head[(end + 1)..].TrimStart(':');
            }
            else if (!isKernel && prefix.TimeMs is null && LogTimes.TryTake(ref head, nowMs, utcOffset, out var ms))
            {
                prefix = prefix with { TimeMs = ms };
                head = head.TrimStart(':');
            }
            else
            {
                var word = Word(ref head);
                if (isKernel)
                {
                    // RFC 5424 has process, message id and data between the program and the message: "-" where there is none.
                    if (!hasVersion || word is not "-")
                    {
                        return false;
                    }
                }
                else if (word is "1" && hasPriority && !hasVersion)
                {
                    hasVersion = true;
                }
                else if (word.TrimEnd(':') is Kernel && (hasVersion || word[^1] == ':'))
                {
                    isKernel = true;
                }
                else if (IsLevel(word))
                {
                    hasLevel = true;
                }
                else if (IsProgram(word, isLast: head.IsWhiteSpace()) || (hasVersion && prefix.Host.Length > 0))
                {
                    return false;
                }
                else if (prefix.Host.Length == 0)
                {
                    prefix = prefix with { Host = word.TrimEnd(':').ToString() };
                }
                else
                {
                    isOdd = true;
                }
            }
        }

        // Where a line names its host, it names the kernel or a facility as well.
        prefix = prefix with
        {
            IsKnown = !isOdd && (isKernel || hasLevel || prefix.Host.Length == 0),
        };
        return true;
    }

    private static ReadOnlySpan<char> Trimmed(ReadOnlySpan<char> text) => text.TrimStart().TrimStart('\uFEFF').TrimStart();

    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(' ');
        var word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[end..];
        return word;
    }

    // kern, kern:, :warn, kern.warn, warning:
    private static bool IsLevel(ReadOnlySpan<char> word)
    {
        var levels = Levels.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var part in word.SplitAny(':', '.'))
        {
            if (word[part] is { Length: > 0 } name && !levels.Contains(name))
            {
                return false;
            }
        }

        return true;
    }

    // sh[12]: and, directly before the message, python3: or a quotation mark.
    private static bool IsProgram(ReadOnlySpan<char> word, bool isLast) =>
        word.EndsWith("]:", StringComparison.Ordinal) || word.ContainsAny('"', '\'', '=') || (isLast && word[^1] == ':');

    private static long? TimeIn(ReadOnlySpan<char> brackets, TimeSpan utcOffset) =>
        LogTimes.TryWithYear(brackets, utcOffset, out var ms) || LogTimes.TryIso(ref brackets, utcOffset, out ms) ? ms : null;

    // <3>
    private static bool SkipPriority(ref ReadOnlySpan<char> text)
    {
        var end = text.StartsWith('<') ? text.IndexOf('>') : -1;
        if (end is > 1 and < 5 && !text[1..end].ContainsAnyExceptInRange('0', '9'))
        {
            text = text[(end + 1)..].TrimStart();
            return true;
        }

        return false;
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
}
