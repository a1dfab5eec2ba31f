using System.Globalization;
using System.Text;

namespace GpuActors.Host.Models;

/// <summary>A CSV file of features with a header line. Empty fields, <c>NaN</c>, <c>NA</c> and <c>null</c> are missing values.</summary>
/// <param name="Rows">Features in the model's order, one row after the other; NaN is missing.</param>
/// <param name="Lines">Number of each row's line in the file, from 1.</param>
/// <param name="Bad">What is wrong with the lines that are left out, each with its number.</param>
/// <param name="Ignored">Columns that the model does not use.</param>
internal sealed record FeatureTable(float[] Rows, IReadOnlyList<int> Lines, IReadOnlyList<string> Bad, IReadOnlyList<string> Ignored)
{
    /// <summary>Reads a file.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="features">Number of features of the model.</param>
    /// <param name="names">Names of the features: columns are found by them, in any order. Empty: the columns are the features.</param>
    /// <exception cref="InvalidDataException">There is no header, or it lacks columns.</exception>
    public static FeatureTable Read(TextReader reader, int features, IReadOnlyList<string> names)
    {
        if (reader.ReadLine() is not { Length: > 0 } first || Fields(first.TrimStart('\uFEFF')) is not { } header)
        {
            throw new InvalidDataException("line 1: there is no header with the names of the columns");
        }

        var columns = Columns(header, features, names);
        var rows = new List<float>();
        var lines = new List<int>();
        var bad = new List<string>();
        var row = new float[features];
        for (var number = 2; reader.ReadLine() is { } line; number++)
        {
            // A last line of an editor, not a row: a row of one feature that is missing is written as NaN.
            if (line.Length == 0)
            {
                continue;
            }

            if (Fill(row, Fields(line), header, columns) is { } problem)
            {
                bad.Add(string.Create(CultureInfo.InvariantCulture, $"line {number}: {problem}"));
                continue;
            }

            rows.AddRange(row);
            lines.Add(number);
        }

        return new FeatureTable([.. rows], lines, bad, [.. header.Where((_, i) => !columns.Contains(i))]);
    }

    private static int[] Columns(List<string> header, int features, IReadOnlyList<string> names)
    {
        if (header.GroupBy(h => h, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"line 1: the column '{twice.Key}' occurs twice");
        }

        if (names.Count == 0)
        {
            return header.Count == features
                ? [.. Enumerable.Range(0, features)]
                : throw new InvalidDataException(
                    $"line 1: there are {header.Count} columns: the model has {features} features without names, so there must be one "
                        + "column per feature, in the model's order"
                );
        }

        var missing = names.Except(header, StringComparer.Ordinal).ToList();
        return missing.Count == 0
            ? [.. names.Select(name => header.IndexOf(name))]
            : throw new InvalidDataException(
                $"line 1: {missing.Count} of the model's {features} features have no column: {string.Join(", ", missing.Take(10))}"
            );
    }

    private static string? Fill(float[] row, List<string>? fields, List<string> header, int[] columns)
    {
        if (fields is null)
        {
            return "a quotation mark is not closed";
        }

        if (fields.Count != header.Count)
        {
            return $"{fields.Count} fields: the header has {header.Count}";
        }

        for (var i = 0; i < columns.Length; i++)
        {
            var text = fields[columns[i]].Trim();
            if (text.ToUpperInvariant() is "" or "NAN" or "NA" or "NULL")
            {
                row[i] = float.NaN;
            }
            else if (text.TrimStart('+', '-').ToUpperInvariant() is "INF" or "INFINITY")
            {
                row[i] = text.StartsWith('-') ? float.NegativeInfinity : float.PositiveInfinity;
            }
            else if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out row[i]) || !float.IsFinite(row[i]))
            {
                return $"column '{header[columns[i]]}' = '{text}': it must be a number in the range of float32, or empty";
            }
        }

        return null;
    }

    // The fields of one line; quotation marks as in RFC 4180, but no line break within them. Null if one is not closed.
    private static List<string>? Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append(line[++i]);
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }

        fields.Add(field.ToString());
        return quoted ? null : fields;
    }
}
