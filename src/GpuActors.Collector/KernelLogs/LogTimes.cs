using System.Buffers;
using System.Globalization;
using GpuActors.Core.Codecs;

namespace GpuActors.Collector.KernelLogs;

/// <summary>Parses the times at the start of log lines to Unix milliseconds.</summary>
internal static class LogTimes
{
    private const int MaxIsoLength = 40,
        MaxMonthLength = 12;
    private static readonly SearchValues<char> OffsetCharacters = SearchValues.Create("Z+-:0123456789");
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>Removes a time in one of the forms of syslog, journalctl and dmesg.</summary>
    public static bool TryTake(ref ReadOnlySpan<char> text, long nowMs, TimeSpan utcOffset, out long unixMs)
    {
        if (TryUnix(ref text, out unixMs))
        {
            return true;
        }

        // Tue 2026-11-24 10:00:01 UTC
        var rest = text;
        var word = text.IndexOf(' ');
        if (word is > 1 and < 6 && !text[..word].ContainsAnyInRange('0', '9'))
        {
            rest = text[(word + 1)..].TrimStart();
        }

        if (TryIso(ref rest, utcOffset, out unixMs))
        {
            text = rest;
            return true;
        }

        return TryTraditional(ref text, nowMs, utcOffset, out unixMs);
    }

    /// <summary>
    /// Removes <c>2026-11-24T10:00:01.123456+00:00</c>; a blank may stand for the T, the zone may lack its colon or stand apart
    /// (<c>UTC</c>, or the host's own), and dmesg writes a comma before the fraction. Without a zone it is local time.
    /// </summary>
    public static bool TryIso(ref ReadOnlySpan<char> text, TimeSpan utcOffset, out long unixMs)
    {
        unixMs = 0;
        if (text.Length < 19 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or ' ') || text[13] != ':')
        {
            return false;
        }

        var fraction = text[19..].StartsWith('.') || text[19..].StartsWith(',') ? 1 + Digits(text[20..]) : 0;
        Span<byte> utf8 = stackalloc byte[MaxIsoLength];
        var length = Math.Min(19 + fraction, MaxIsoLength - 1);
        for (var i = 0; i < length; i++)
        {
            utf8[i] =
                i == 10 ? (byte)'T'
                : text[i] == ',' ? (byte)'.'
                : char.IsAscii(text[i]) ? (byte)text[i]
                : (byte)'?';
        }

        utf8[length] = (byte)'Z';
        if (!Rfc3339.TryParse(utf8[..(length + 1)], out unixMs))
        {
            return false;
        }

        var rest = text[(19 + fraction)..];
        var isSpaced = text[10] == ' ';
        var zone = ZoneLength(rest, isSpaced);
        if (!TryOffset(rest[..zone].Trim(), utcOffset, out var offset))
        {
            return false;
        }

        unixMs -= (long)offset.TotalMilliseconds;
        text = rest[zone..];
        return text.IsEmpty || text[0] is ' ' or ':';
    }

    // 1795514401.123456, seconds since 1970.
    private static bool TryUnix(ref ReadOnlySpan<char> text, out long unixMs)
    {
        unixMs = 0;
        var seconds = Digits(text);
        if (seconds is < 9 or > 11 || seconds == text.Length || text[seconds] != '.')
        {
            return false;
        }

        var length = seconds + 1 + Digits(text[(seconds + 1)..]);
        if (!decimal.TryParse(text[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        unixMs = (long)(value * 1000);
        text = text[length..];
        return true;
    }

    private static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;

    // Directly behind the time, or after a blank where the form has blanks: a name of letters, or an offset.
    private static int ZoneLength(ReadOnlySpan<char> rest, bool isSpaced)
    {
        if (rest.StartsWith('Z') || rest.StartsWith('+') || rest.StartsWith('-'))
        {
            return rest.IndexOfAny(' ', ':') is var end && end < 0 ? rest.Length : OffsetEnd(rest);
        }

        if (!isSpaced || !rest.StartsWith(' '))
        {
            return 0;
        }

        var word = rest[1..].IndexOf(' ') is var blank && blank < 0 ? rest[1..] : rest[1..][..blank];
        var isZone = word is "UTC" or "GMT" || (word.Length is 3 or 4 && !word.ContainsAnyExceptInRange('A', 'Z')) || word.StartsWith('+');
        return isZone ? 1 + word.Length : 0;
    }

    private static int OffsetEnd(ReadOnlySpan<char> rest) =>
        rest.IndexOfAnyExcept(OffsetCharacters) is var end && end < 0 ? rest.Length
        : end > 0 && rest[end - 1] == ':' ? end - 1
        : end;

    /// <summary>Removes <c>Nov 24 10:00:01</c>, local time without a year: the latest year that does not put it in the future.</summary>
    public static bool TryTraditional(ref ReadOnlySpan<char> text, long nowMs, TimeSpan utcOffset, out long unixMs)
    {
        unixMs = 0;
        if (!TryMonthToSecond(text, out var length, out var month, out var day, out var timeOfDay))
        {
            return false;
        }

        var now = DateTimeOffset.FromUnixTimeMilliseconds(nowMs).ToOffset(utcOffset);
        // One day of tolerance for a clock that is ahead around New Year.
        var latestMs = nowMs + 86_400_000;
        var found =
            month > 0
                ? TryBefore(latestMs, now.Year, month, day, timeOfDay, utcOffset, out unixMs)
                    || TryBefore(latestMs, now.Year - 1, month, day, timeOfDay, utcOffset, out unixMs)
                : TryLatest(latestMs, now, day, timeOfDay, utcOffset, out unixMs);
        if (!found)
        {
            return false;
        }

        text = text[length..];
        return true;
    }

    // The name of the month is not known: the latest month in which that day is not in the future.
    private static bool TryLatest(long latestMs, DateTimeOffset now, int day, TimeSpan timeOfDay, TimeSpan utcOffset, out long unixMs)
    {
        var month = new DateTime(now.Year, now.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
        for (var back = 0; back < 4; back++, month = month.AddMonths(-1))
        {
            if (TryBefore(latestMs, month.Year, month.Month, day, timeOfDay, utcOffset, out unixMs))
            {
                return true;
            }
        }

        unixMs = 0;
        return false;
    }

    private static bool TryBefore(long latestMs, int year, int month, int day, TimeSpan timeOfDay, TimeSpan utcOffset, out long unixMs) =>
        TryLocal(year, month, day, timeOfDay, utcOffset, out unixMs) && unixMs <= latestMs;

    /// <summary>Parses <c>Tue Nov 24 10:00:01 2026</c>, local time (dmesg -T).</summary>
    public static bool TryWithYear(ReadOnlySpan<char> text, TimeSpan utcOffset, out long unixMs)
    {
        unixMs = 0;
        var weekday = text.IndexOf(' ') + 1;
        return weekday > 1
            && TryMonthToSecond(text[weekday..], out var length, out var month, out var day, out var timeOfDay)
            && month > 0
            && int.TryParse(text[(weekday + length)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            && TryLocal(year, month, day, timeOfDay, utcOffset, out unixMs);
    }

    // Month 0: a name in a language of its own.
    private static bool TryMonthToSecond(ReadOnlySpan<char> text, out int length, out int month, out int day, out TimeSpan timeOfDay)
    {
        (length, month, day, timeOfDay) = (0, 0, 0, default);
        var name = text.IndexOf(' ');
        if (name is < 2 or > MaxMonthLength)
        {
            return false;
        }

        month = MonthOf(text[..name]);
        var digits = Digits(text);
        if (month == 0 && digits is 1 or 2 && digits < name)
        {
            // 11月
            _ = Number(text[..digits], 12, out month);
        }

        // A day below 10 has a blank or a zero before it.
        var rest = text[name..].TrimStart();
        var dayLength = rest.IndexOf(' ');
        if (dayLength is < 1 or > 4 || !Number(rest[..Digits(rest)], 31, out day))
        {
            return false;
        }

        rest = rest[dayLength..].TrimStart();
        if (
            rest.Length < 8
            || rest[2] != ':'
            || rest[5] != ':'
            || !Two(rest[..2], 23, out var hour)
            || !Two(rest.Slice(3, 2), 59, out var minute)
            || !Two(rest.Slice(6, 2), 59, out var second)
        )
        {
            return false;
        }

        timeOfDay = new TimeSpan(hour, minute, second);
        rest = rest[8..];
        if (rest.StartsWith('.'))
        {
            var fraction = rest[..(1 + Digits(rest[1..]))];
            timeOfDay += double.TryParse(fraction, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromMilliseconds(Math.Floor(seconds * 1000))
                : default;
            rest = rest[fraction.Length..];
        }

        length = text.Length - rest.Length;
        return rest.StartsWith(' ') || rest.IsEmpty || rest.StartsWith(':');
    }

    private static int MonthOf(ReadOnlySpan<char> name)
    {
        for (var month = 1; month <= Months.Length; month++)
        {
            if (name.Equals(Months[month - 1], StringComparison.OrdinalIgnoreCase))
            {
                return month;
            }
        }

        return 0;
    }

    private static bool Number(ReadOnlySpan<char> text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= max;

    private static bool Two(ReadOnlySpan<char> text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;

    private static bool TryLocal(int year, int month, int day, TimeSpan timeOfDay, TimeSpan utcOffset, out long unixMs)
    {
        unixMs = 0;
        if (year is < 1971 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        unixMs =
            new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()
            + (long)(timeOfDay - utcOffset).TotalMilliseconds;
        return true;
    }

    // Z, +00:00, +0000, +00, UTC; another name is that of the host's own zone.
    private static bool TryOffset(ReadOnlySpan<char> zone, TimeSpan local, out TimeSpan offset)
    {
        offset = default;
        if (zone is "Z" or "UTC" or "GMT")
        {
            return true;
        }

        if (zone.IsEmpty || char.IsAsciiLetter(zone[0]))
        {
            offset = local;
            return true;
        }

        var minutes = 0;
        var rest = zone.Length > 3 ? zone[3..].TrimStart(':') : default;
        if (
            zone.Length < 3
            || !Two(zone.Slice(1, 2), 23, out var hours)
            || (rest.Length > 0 && (rest.Length != 2 || !Two(rest, 59, out minutes)))
        )
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (zone[0] == '-' ? -1 : 1);
        return true;
    }
}
