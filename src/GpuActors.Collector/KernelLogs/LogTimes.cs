using System.Globalization;
using GpuActors.Core.Codecs;

namespace GpuActors.Collector.KernelLogs;

/// <summary>Parses the times at the start of log lines to Unix milliseconds.</summary>
internal static class LogTimes
{
    private const int MaxIsoLength = 40;
    private static readonly string[] Months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>
    /// Removes <c>2026-11-24T10:00:01.123456+00:00</c>; the zone may lack its colon, and dmesg writes a comma before the fraction.
    /// </summary>
    public static bool TryIso(ref ReadOnlySpan<char> text, out long unixMs)
    {
        unixMs = 0;
        var end = text.IndexOf(' ');
        if (end is < 20 or > MaxIsoLength || text[4] != '-' || text[10] != 'T')
        {
            return false;
        }

        var stamp = text[..end];
        var zone = stamp[19..].IndexOfAny('+', '-', 'Z');
        if (zone < 0 || !TryOffset(stamp[(19 + zone)..], out var offset))
        {
            return false;
        }

        Span<byte> utf8 = stackalloc byte[MaxIsoLength + 1];
        for (var i = 0; i < 19 + zone; i++)
        {
            utf8[i] =
                stamp[i] == ',' ? (byte)'.'
                : char.IsAscii(stamp[i]) ? (byte)stamp[i]
                : (byte)'?';
        }

        utf8[19 + zone] = (byte)'Z';
        if (!Rfc3339.TryParse(utf8[..(20 + zone)], out unixMs))
        {
            return false;
        }

        unixMs -= (long)offset.TotalMilliseconds;
        text = text[end..];
        return true;
    }

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
        if (!TryLocal(now.Year, month, day, timeOfDay, utcOffset, out unixMs) || unixMs > nowMs + 86_400_000)
        {
            if (!TryLocal(now.Year - 1, month, day, timeOfDay, utcOffset, out unixMs))
            {
                return false;
            }
        }

        text = text[length..];
        return true;
    }

    /// <summary>Parses <c>Tue Nov 24 10:00:01 2026</c>, local time (dmesg -T).</summary>
    public static bool TryWithYear(ReadOnlySpan<char> text, TimeSpan utcOffset, out long unixMs)
    {
        unixMs = 0;
        return text.Length >= 24
            && text[3] == ' '
            && TryMonthToSecond(text[4..], out var length, out var month, out var day, out var timeOfDay)
            && int.TryParse(text[(4 + length)..].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var year)
            && TryLocal(year, month, day, timeOfDay, utcOffset, out unixMs);
    }

    private static bool TryMonthToSecond(ReadOnlySpan<char> text, out int length, out int month, out int day, out TimeSpan timeOfDay)
    {
        (length, month, day, timeOfDay) = (15, 0, 0, default);
        if (text.Length < 16 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':')
        {
            return false;
        }

        month = Array.IndexOf(Months, text[..3].ToString()) + 1;
        if (
            month == 0
            || !int.TryParse(text.Slice(4, 2).TrimStart(' '), NumberStyles.None, CultureInfo.InvariantCulture, out day)
            || !Two(text.Slice(7, 2), 23, out var hour)
            || !Two(text.Slice(10, 2), 59, out var minute)
            || !Two(text.Slice(13, 2), 59, out var second)
        )
        {
            return false;
        }

        timeOfDay = new TimeSpan(hour, minute, second);
        if (text[15] == '.')
        {
            var digits = text[16..].IndexOfAnyExceptInRange('0', '9');
            var fraction = digits < 0 ? text[15..] : text.Slice(15, digits + 1);
            length += fraction.Length;
            timeOfDay += double.TryParse(fraction, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                ? TimeSpan.FromMilliseconds(Math.Floor(seconds * 1000))
                : default;
        }

        return true;
    }

    private static bool Two(ReadOnlySpan<char> text, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;

    private static bool TryLocal(int year, int month, int day, TimeSpan timeOfDay, TimeSpan utcOffset, out long unixMs)
    {
        unixMs = 0;
        if (year is < 1971 or > 9998 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        unixMs =
            new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()
            + (long)(timeOfDay - utcOffset).TotalMilliseconds;
        return true;
    }

    // Z, +00:00, +0000, +00
    private static bool TryOffset(ReadOnlySpan<char> zone, out TimeSpan offset)
    {
        offset = default;
        if (zone is "Z")
        {
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
