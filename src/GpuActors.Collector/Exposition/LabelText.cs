using System.Buffers.Text;
using System.Text;

namespace GpuActors.Collector.Exposition;

/// <summary>Decodes label values of an exporter's page.</summary>
internal static class LabelText
{
    /// <summary>True for DCGM's blank strings (<c>&lt;&lt;&lt;NULL&gt;&gt;&gt;</c>), which mean the same as a missing label.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> value) => value.StartsWith("<<<"u8) && value.EndsWith(">>>"u8);

    /// <summary>A whole number from 0; -1 when the value is not one.</summary>
    public static int Number(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out int number, out var used) && used == value.Length && number >= 0 ? number : -1;

    /// <summary>The value without escapes.</summary>
    public static string Text(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        // The format has three escapes. Other sequences come from exporters that do not escape, and stay unchanged.
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var escaped = text[i] == '\\' && i + 1 < text.Length ? text[i + 1] : '\0';
            if (escaped is '\\' or '"' or 'n')
            {
                plain.Append(escaped == 'n' ? '\n' : escaped);
                i++;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
