using System.Buffers.Text;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Converts the times in records, RFC 3339 in UTC (<c>2026-11-23T12:00:00.123Z</c>), to and from Unix milliseconds, working directly on
/// UTF-8 bytes.
/// </summary>
public static class Rfc3339
{
    /// <summary>Length of a time with milliseconds, the form that <see cref="Write"/> writes, in bytes.</summary>
    public const int Length = 24;

    private const long MillisecondsPerDay = 86_400_000;

    /// <summary>
    /// Parses a time in UTC. The fraction may be missing or have any number of digits; digits below a millisecond are dropped.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixMs)
    {
        unixMs = 0;
        if (text.Length < 20 || !TryDay(text, out var day) || !TryTimeOfDay(text, out var ms))
        {
            return false;
        }

        unixMs = (day * MillisecondsPerDay) + ms;
        return true;
    }

    /// <summary>
    /// Parses a time in UTC or with an offset from UTC (<c>2026-11-23T13:00:00.123456+01:00</c>), as other producers write it.
    /// </summary>
    public static bool TryParseAnyOffset(ReadOnlySpan<byte> text, out long unixMs)
    {
        const int OffsetLength = 6,
            MaxLength = 40;
        if (text.Length is < 25 or > MaxLength || text[^3] != ':' || text[^OffsetLength] is not ((byte)'+' or (byte)'-'))
        {
            return TryParse(text, out unixMs);
        }

        Span<byte> utc = stackalloc byte[MaxLength];
        var offset = text[^OffsetLength..];
        text[..^OffsetLength].CopyTo(utc);
        utc[text.Length - OffsetLength] = (byte)'Z';
        int hours = Two(offset, 1),
            minutes = Two(offset, 4);
        if (hours is < 0 or > 23 || minutes is < 0 or > 59 || !TryParse(utc[..(text.Length - OffsetLength + 1)], out unixMs))
        {
            unixMs = 0;
            return false;
        }

        unixMs -= (offset[0] == '-' ? -1 : 1) * ((hours * 60L) + minutes) * 60_000;
        return true;
    }

    /// <summary>Writes a time with milliseconds: <see cref="Length"/> bytes.</summary>
    public static void Write(long unixMs, Span<byte> into)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
        Two(into, 0, time.Year / 100);
        Two(into, 2, time.Year % 100);
        into[4] = (byte)'-';
        Two(into, 5, time.Month);
        into[7] = (byte)'-';
        Two(into, 8, time.Day);
        into[10] = (byte)'T';
        Two(into, 11, time.Hour);
        into[13] = (byte)':';
        Two(into, 14, time.Minute);
        into[16] = (byte)':';
        Two(into, 17, time.Second);
        into[19] = (byte)'.';
        into[20] = (byte)('0' + (time.Millisecond / 100));
        Two(into, 21, time.Millisecond % 100);
        into[23] = (byte)'Z';
    }

    /// <summary>Formats a time with milliseconds.</summary>
    public static string Format(long unixMs)
    {
        Span<byte> utf8 = stackalloc byte[Length];
        Write(unixMs, utf8);
        return System.Text.Encoding.ASCII.GetString(utf8);
    }

    // Days since 1970-01-01.
    internal static bool TryDay(ReadOnlySpan<byte> text, out long day)
    {
        day = 0;
        int century = Two(text, 0),
            year = Two(text, 2),
            month = Two(text, 5),
            dayOfMonth = Two(text, 8);
        if (century < 0 || year < 0 || text[4] != '-' || text[7] != '-' || month is < 1 or > 12)
        {
            return false;
        }

        year += century * 100;
        if (year < 1 || dayOfMonth < 1 || dayOfMonth > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        day = new DateOnly(year, month, dayOfMonth).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return true;
    }

    internal static bool TryTimeOfDay(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        int hour = Two(text, 11),
            minute = Two(text, 14),
            second = Two(text, 17);
        if (
            text[10] is not ((byte)'T' or (byte)'t')
            || text[13] != ':'
            || text[16] != ':'
            || hour is < 0 or > 23
            || minute is < 0 or > 59
            || second is < 0 or > 59
        )
        {
            return false;
        }

        var rest = text[19..];
        var fraction = 0;
        if (rest[0] == '.')
        {
            var scale = 100;
            var i = 1;
            for (; i < rest.Length && rest[i] is >= (byte)'0' and <= (byte)'9'; i++, scale /= 10)
            {
                fraction += (rest[i] - '0') * scale;
            }

            if (i == 1)
            {
                return false;
            }

            rest = rest[i..];
        }

        if (rest.Length != 1 || rest[0] is not ((byte)'Z' or (byte)'z'))
        {
            return false;
        }

        milliseconds = (((((hour * 60L) + minute) * 60) + second) * 1000) + fraction;
        return true;
    }

    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        int tens = text[at] - '0',
            ones = text[at + 1] - '0';
        return (uint)tens > 9 || (uint)ones > 9 ? -1 : (tens * 10) + ones;
    }

    private static void Two(Span<byte> into, int at, int value) => Utf8Formatter.TryFormat(value, into[at..], out _, new('D', 2));
}
