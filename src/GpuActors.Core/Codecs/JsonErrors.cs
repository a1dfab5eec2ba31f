using System.Text.Json;
using System.Text.RegularExpressions;

namespace GpuActors.Core.Codecs;

/// <summary>Says what is wrong with a JSON text, in its own terms: the serializer's messages name types of this program.</summary>
public static partial class JsonErrors
{
    /// <summary>A sentence without full stop that names the member and the position where they are known.</summary>
    public static string Describe(JsonException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var member = error.Path is { Length: > 2 } path ? path[2..] : "";
        var what = error.Message switch
        {
            var m when Missing().Match(m) is { Success: true } missing =>
                $"these members are missing: {missing.Groups[1].Value.Replace("'", "", StringComparison.Ordinal)}",
            var m when Unmapped().Match(m) is { Success: true } unmapped => $"there is no member '{unmapped.Groups[1].Value}'",
            var m when m.Contains("could not be converted to", StringComparison.Ordinal) => member.Length > 0
                ? $"member '{member}' has a value of the wrong type"
                : "it must be a JSON object",
            // A sentence of a converter or of the reader, without the position that follows it.
            var m => (Position().Match(m) is { Success: true } at ? m[..at.Index] : m).TrimEnd('.', ' '),
        };
        return error.LineNumber is { } line ? $"{what} (line {line + 1}, byte {error.BytePositionInLine})" : what;
    }

    [GeneratedRegex("missing required properties including: (.*?)(?:\\.|$)")]
    private static partial Regex Missing();

    [GeneratedRegex("The JSON property '(.*?)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex(" ?(?:Path: |LineNumber: )")]
    private static partial Regex Position();
}
