namespace GpuActors.Host.Collecting;

/// <summary>A log file that was opened: goes on reading it wherever it is moved to, and notices when it is no longer what it was.</summary>
internal sealed class FollowedFile : IDisposable
{
    // Enough of a log's start to tell it from another's: the first line's time.
    private const int HeadBytes = 256;

    private readonly FileStream _file;
    private readonly string? _openedAs;
    private readonly LineCutter _cutter = new();
    private byte[] _head;
    private long _position;

    private FollowedFile(FileStream file, bool fromEnd)
    {
        _file = file;
        _openedAs = Link();
        _position = fromEnd ? file.Length : 0;
        _head = Head(HeadBytes);
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is not there, or can't be followed; the text says why.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FollowedFile Open(string path, bool fromEnd)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            return file.CanSeek
                ? new FollowedFile(file, fromEnd)
                : throw new IOException($"{path} is no regular file; give a log file, or journal");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads on.</summary>
    /// <param name="buffer">The most that is read at once.</param>
    /// <param name="lines">Gets the lines that are complete.</param>
    /// <returns>False at the end of the file.</returns>
    public bool Read(byte[] buffer, List<string> lines)
    {
        if (_file.Length < _position || !Head(_head.Length).AsSpan().SequenceEqual(_head))
        {
            // Truncated, perhaps filled again since: what is in it now is new. The line that was cut short is gone.
            _position = 0;
            _cutter.Reset();
        }

        var count = RandomAccess.Read(_file.SafeFileHandle, buffer, _position);
        _cutter.Take(buffer.AsSpan(0, count), lines);
        _position += count;
        if (_head.Length < HeadBytes || _position == count)
        {
            _head = Head((int)Math.Min(HeadBytes, Math.Max(_position, _head.Length)));
        }

        return count > 0;
    }

    /// <summary>Whether the file that stands at the path now is another one.</summary>
    public bool IsReplacedAt(string path)
    {
        var now = new FileInfo(path);
        // The system says what an open file is called now; where it does not, only a shorter file gives a new one away.
        return now.Exists && (_openedAs is not null ? Link() != _openedAs : now.Length < _position && _file.Length >= _position);
    }

    /// <summary>Adds what there is of the last line.</summary>
    public void End(List<string> lines) => _cutter.End(lines);

    public void Dispose() => _file.Dispose();

    private string? Link() =>
        OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}").LinkTarget : null;

    private byte[] Head(int bytes)
    {
        var head = new byte[Math.Min(bytes, _file.Length)];
        return head[..RandomAccess.Read(_file.SafeFileHandle, head, 0)];
    }
}
