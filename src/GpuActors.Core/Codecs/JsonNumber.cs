namespace GpuActors.Core.Codecs;

/// <summary>
/// Parses numbers in the form that exporters print, in place. Numbers that it can't parse exactly are left to the caller's general reader.
/// </summary>
public static class JsonNumber
{
    // Up to 15 digits, the digits and the power of ten are exact doubles, so that the single division rounds correctly.
    private const int ExactDigits = 15;

    private static readonly double[] PowersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Parses a number of at most 15 digits without exponent at the start of <paramref name="text"/>.</summary>
    /// <returns>Number of bytes read; 0 if the number has another form.</returns>
    public static int Read(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        var i = 0;
        var negative = false;
        if (text.Length > 0 && text[0] == '-')
        {
            negative = true;
            i = 1;
        }

        var start = i;
        long digits = 0;
        uint digit;
        while (i < text.Length && (digit = (uint)(text[i] - '0')) <= 9)
        {
            digits = (digits * 10) + digit;
            i++;
        }

        var whole = i - start;
        if (whole == 0 || whole > ExactDigits || (whole > 1 && text[start] == '0'))
        {
            return 0;
        }

        var fraction = 0;
        if (i < text.Length && text[i] == '.')
        {
            var point = ++i;
            while (i < text.Length && (digit = (uint)(text[i] - '0')) <= 9 && i - point <= ExactDigits)
            {
                digits = (digits * 10) + digit;
                i++;
            }

            fraction = i - point;
            if (fraction == 0 || whole + fraction > ExactDigits)
            {
                return 0;
            }
        }

        if (i < text.Length && (text[i] | 0x20) == 'e')
        {
            return 0;
        }

        value = fraction == 0 ? digits : digits / PowersOfTen[fraction];
        if (negative)
        {
            value = -value;
        }

        return i;
    }
}
