namespace GpuActors.Host.Configuration;

/// <summary>
/// Catches what Akka's HOCON parser takes in silence or answers with a bare FormatException: braces that do not match, substitutions
/// (<c>${?X}</c> reads as nothing and erases an earlier default) and includes.
/// </summary>
internal static class HoconText
{
    /// <summary>Looks through a file's text.</summary>
    /// <exception cref="ConfigurationException">It names the file, the line and the remedy.</exception>
    public static void Check(string text, string source)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when Next(text, i) == '/':
                    i = Math.Max(i, EndOfLine(text, i) - 1);
                    break;
                case '"':
                    (i, line) = EndOfString(text, i, line, source);
                    break;
                case '$' when Next(text, i) == '{':
                    throw Problem(
                        source,
                        line,
                        "substitutions (${…}) are not supported: write the value, or set the key "
                            + "in the environment (GPUACTORS__SECTION__KEY) or with --set"
                    );
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var last) || (last.Bracket == '{') != (text[i] == '}'))
                    {
                        throw Problem(source, line, $"'{text[i]}' closes nothing that is open: remove it, or open it before");
                    }

                    break;
            }
        }

        if (open.TryPeek(out var left))
        {
            throw Problem(source, left.Line, $"'{left.Bracket}' is never closed: the file is cut short, or a closing bracket is missing");
        }

        CheckIncludes(text, source);
    }

    private static void CheckIncludes(string text, string source)
    {
        var line = 0;
        foreach (var row in text.AsSpan().EnumerateLines())
        {
            line++;
            if (row.TrimStart().StartsWith("include ", StringComparison.Ordinal))
            {
                throw Problem(source, line, "include is not supported: name the other file with a further --config");
            }
        }
    }

    private static char Next(string text, int i) => i + 1 < text.Length ? text[i + 1] : '\0';

    private static int EndOfLine(string text, int i) => text.IndexOf('\n', i) is var end && end < 0 ? text.Length : end;

    private static (int Position, int Line) EndOfString(string text, int start, int line, string source)
    {
        if (string.CompareOrdinal(text, start, "\"\"\"", 0, 3) == 0)
        {
            var close = text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
            return close < 0
                ? throw Problem(source, line, "a \"\"\" string is never closed")
                : (close + 2, line + text.AsSpan(start, close - start).Count('\n'));
        }

        for (var i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return (i, line);
            }
        }

        throw Problem(source, line, "a string is never closed: add the second quotation mark");
    }

    private static ConfigurationException Problem(string source, int line, string what) => new($"{source}, line {line}: {what}");
}
