using System.Text;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Splits bytes into lines. Invalid UTF-8 becomes U+FFFD. NUL bytes are removed: a writer that does not open its file for appending leaves
/// a hole of them when the file is truncated. A line over the limit is cut.
/// </summary>
internal sealed class LineCutter
{
    /// <summary>Longest line in bytes; a kernel report has a few hundred.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private readonly byte[] _line = new byte[MaxLineBytes];
    private int _length;
    private bool _skipping;

    /// <summary>Bytes of the unfinished line, none of which has been returned.</summary>
    public long Unfinished { get; private set; }

    /// <summary>Adds bytes.</summary>
    /// <param name="bytes">The next bytes, of any length.</param>
    /// <param name="lines">Gets the lines that are complete now.</param>
    public void Add(ReadOnlySpan<byte> bytes, List<string> lines)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)0);
            Unfinished += end < 0 ? bytes.Length : end + 1;
            Append(end < 0 ? bytes : bytes[..end], lines);
            if (end < 0)
            {
                return;
            }

            if (bytes[end] == '\n')
            {
                End(lines);
            }

            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>Adds the last line, where it has no line end.</summary>
    public void End(List<string> lines)
    {
        if (!_skipping && _length > 0)
        {
            lines.Add(Encoding.UTF8.GetString(_line, 0, _length));
        }

        Reset();
    }

    /// <summary>Discards an unfinished line.</summary>
    public void Reset()
    {
        _length = 0;
        _skipping = false;
        Unfinished = 0;
    }

    private void Append(ReadOnlySpan<byte> bytes, List<string> lines)
    {
        if (_skipping)
        {
            Unfinished = 0;
            return;
        }

        var taken = bytes[..Math.Min(bytes.Length, MaxLineBytes - _length)];
        taken.CopyTo(_line.AsSpan(_length));
        _length += taken.Length;
        if (taken.Length < bytes.Length)
        {
            End(lines);
            // The rest of a line that was cut is not read again.
            _skipping = true;
        }
    }
}
