namespace GpuActors.Core.Codecs;

/// <summary>
/// Numbers that JSON does not have, but that Python's <c>json.dumps</c> writes: <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>. They
/// stand for values that are missing. Not thread-safe.
/// </summary>
internal sealed class PythonNumbers
{
    private byte[] _copy = [];

    /// <summary>Replaces these numbers by null.</summary>
    /// <returns>The text itself when it has none of them; otherwise a copy, which is valid until the next call.</returns>
    public ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("NaN"u8) < 0 && json.IndexOf("Infinity"u8) < 0)
        {
            return json;
        }

        // Null is one byte longer than NaN.
        var most = json.Length + (json.Length / 3) + 1;
        if (_copy.Length < most)
        {
            _copy = new byte[most];
        }

        var (length, isText) = (0, false);
        for (var i = 0; i < json.Length; i++)
        {
            var rest = json[i..];
            var replaced =
                isText ? 0
                : rest.StartsWith("NaN"u8) ? "NaN".Length
                : rest.StartsWith("Infinity"u8) ? "Infinity".Length
                : rest.StartsWith("-Infinity"u8) ? "-Infinity".Length
                : 0;
            if (replaced > 0)
            {
                "null"u8.CopyTo(_copy.AsSpan(length));
                length += "null".Length;
                i += replaced - 1;
                continue;
            }

            _copy[length++] = json[i];
            if (isText && json[i] == '\\' && i + 1 < json.Length)
            {
                _copy[length++] = json[++i];
            }
            else
            {
                isText ^= json[i] == '"';
            }
        }

        return _copy.AsSpan(0, length);
    }
}
