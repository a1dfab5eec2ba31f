using System.Globalization;
using System.Text;
using GpuActors.Core.Codecs;

namespace GpuActors.Collector.Exposition;

/// <summary>Parses the rest of a row after its labels: a number, an optional timestamp and an optional OpenMetrics exemplar.</summary>
internal static class ExpositionValue
{
    /// <summary>Parses all of <paramref name="text"/>. Infinity and NaN are valid.</summary>
    /// <returns>False when the text is malformed.</returns>
    public static bool TryRead(ReadOnlySpan<byte> text, out double value)
    {
        text = Trim(text);
        if (JsonNumber.Read(text, out value) is > 0 and var used && used == text.Length)
        {
            return true;
        }

        return TryExemplar(ref text)
            && TryNumber(Token(ref text), out value)
            && (text.IsEmpty || (TryNumber(Token(ref text), out _) && text.IsEmpty));
    }

    // " # {trace_id="…"} 0.67 1520879607.789": the exemplar is ignored, but must be well formed.
    private static bool TryExemplar(ref ReadOnlySpan<byte> text)
    {
        var mark = text.IndexOf((byte)'#');
        if (mark < 0)
        {
            return true;
        }

        var exemplar = Trim(text[(mark + 1)..]);
        text = Trim(text[..mark]);
        var labels = RowLabels.Empty;
        var length = RowLabels.Parse(exemplar, ref labels, out _);
        if (length <= 0)
        {
            return false;
        }

        exemplar = Trim(exemplar[length..]);
        return TryNumber(Token(ref exemplar), out _) && (exemplar.IsEmpty || (TryNumber(Token(ref exemplar), out _) && exemplar.IsEmpty));
    }

    private static bool TryNumber(ReadOnlySpan<byte> token, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (token.Length > 0 && (char.IsAsciiDigit((char)token[^1]) || token[^1] == '.'))
        {
            return double.TryParse(token, Style, CultureInfo.InvariantCulture, out value);
        }

        value = double.NaN;
        var bare = token.Length > 0 && token[0] is (byte)'+' or (byte)'-' ? token[1..] : token;
        return Ascii.EqualsIgnoreCase(bare, "nan"u8) || Ascii.EqualsIgnoreCase(bare, "inf"u8) || Ascii.EqualsIgnoreCase(bare, "infinity"u8);
    }

    private static ReadOnlySpan<byte> Token(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)' ', (byte)'\t');
        var token = end < 0 ? text : text[..end];
        text = end < 0 ? default : Trim(text[end..]);
        return token;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);
}
