using System.Text;

namespace GpuActors.Host.Collecting;

/// <summary>
/// Cuts bytes into lines. Bytes that are no UTF-8 become U+FFFD, and NULs are left out: a writer that does not append leaves a hole of them
/// when its file is truncated. Of a line over the limit the start is kept.
/// </summary>
internal sealed class LineCutter
{
    /// <summary>Longest line that is kept whole, in bytes; a report of the kernel has a few hundred.</summary>
    public const int MaxLineBytes = 16 * 1024;

    private readonly byte[] _line = new byte[MaxLineBytes];
    private int _length;
    private bool _skipping;

    /// <summary>Takes bytes and adds the lines that they end.</summary>
    public void Take(ReadOnlySpan<byte> bytes, List<string> lines)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOfAny((byte)'\n', (byte)0);
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

    /// <summary>Adds what there is of a last line that has no end.</summary>
    public void End(List<string> lines)
    {
        if (!_skipping && _length > 0)
        {
            lines.Add(Encoding.UTF8.GetString(_line, 0, _length));
        }

        Reset();
    }

    /// <summary>Forgets a line that has not ended.</summary>
    public void Reset()
    {
        _length = 0;
        _skipping = false;
    }

    private void Append(ReadOnlySpan<byte> bytes, List<string> lines)
    {
        if (_skipping)
        {
            return;
        }

        var taken = bytes[..Math.Min(bytes.Length, MaxLineBytes - _length)];
        taken.CopyTo(_line.AsSpan(_length));
        _length += taken.Length;
        if (taken.Length < bytes.Length)
        {
            End(lines);
            _skipping = true;
        }
    }
}
