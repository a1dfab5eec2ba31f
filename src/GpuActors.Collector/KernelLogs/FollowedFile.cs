using System.Security.Cryptography;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// An open log file. It reads on when the file is renamed, starts over when the file is truncated, and detects when its path names another
/// file.
/// </summary>
internal sealed class FollowedFile : IDisposable
{
    // Enough of the start of a log to tell it from another log: it contains the time of the first line.
    private const int HeadBytes = 256;

    private readonly FileStream _file;
    private readonly string? _openedAs;
    private readonly LineCutter _cutter = new();
    private long _backlogEnd;
    private byte[] _head;
    private long _position;
    private LogCursor? _cursor;

    private FollowedFile(FileStream file, bool fromEnd)
    {
        _file = file;
        _openedAs = Link();
        _backlogEnd = file.Length;
        _position = fromEnd ? file.Length : 0;
        _head = Head(HeadBytes);
    }

    /// <summary>How far the file has been read, up to the end of a line.</summary>
    public LogCursor Cursor
    {
        get
        {
            var offset = _position - _cutter.Unfinished;
            return _cursor?.Offset == offset ? _cursor : _cursor = new LogCursor { Offset = offset, Fingerprint = Fingerprint(offset) };
        }
    }

    /// <summary>Whether the lines of the last read were in the file when it was opened.</summary>
    public bool IsBacklog { get; private set; }

    /// <summary>When the file was written last.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(_file.SafeFileHandle);

    /// <summary>Continues where an earlier process ended.</summary>
    /// <returns>False: this is not the file of which the position is.</returns>
    public bool TryResume(LogCursor cursor)
    {
        if (_file.Length < cursor.Offset || Fingerprint(cursor.Offset) != cursor.Fingerprint)
        {
            return false;
        }

        _position = cursor.Offset;
        return true;
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="fromEnd">Whether to skip what the file already contains.</param>
    /// <exception cref="IOException">The file does not exist or cannot be followed.</exception>
    /// <exception cref="UnauthorizedAccessException">The process may not read the file.</exception>
    public static FollowedFile Open(string path, bool fromEnd)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            return file.CanSeek
                ? new FollowedFile(file, fromEnd)
                : throw new IOException($"{path} is not a regular file: give a log file, or journal");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the next bytes.</summary>
    /// <param name="buffer">Limits what is read at once.</param>
    /// <param name="lines">Gets the complete lines.</param>
    /// <returns>False at the end of the file.</returns>
    public bool Read(byte[] buffer, List<string> lines)
    {
        if (_file.Length < _position || !Head(_head.Length).AsSpan().SequenceEqual(_head))
        {
            // The file was truncated, and possibly written again: all of its content is new, and the unfinished line is lost.
            (_position, _backlogEnd) = (0, 0);
            _cursor = null;
            _cutter.Reset();
        }

        IsBacklog = _position < _backlogEnd;
        var most = IsBacklog ? (int)Math.Min(buffer.Length, _backlogEnd - _position) : buffer.Length;
        var count = RandomAccess.Read(_file.SafeFileHandle, buffer.AsSpan(0, most), _position);
        _cutter.Add(buffer.AsSpan(0, count), lines);
        _position += count;
        if (_head.Length < HeadBytes || _position == count)
        {
            _head = Head((int)Math.Min(HeadBytes, Math.Max(_position, _head.Length)));
        }

        return count > 0;
    }

    /// <summary>Whether another file exists at the path now.</summary>
    public bool IsReplacedAt(string path)
    {
        var now = new FileInfo(path);
        // Linux shows the current name of an open file. Elsewhere only a shorter file reveals a new one.
        return now.Exists && (_openedAs is not null ? Link() != _openedAs : now.Length < _position && _file.Length >= _position);
    }

    /// <summary>Adds the last line, where it has no line end.</summary>
    public void End(List<string> lines) => _cutter.End(lines);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // What precedes a position shows better than an inode that the file is the same: a copy has another inode, and a new file may have that
    // of a deleted one.
    private string Fingerprint(long offset)
    {
        if (offset == 0)
        {
            return "";
        }

        Span<byte> known = stackalloc byte[2 * HeadBytes];
        var start = (int)Math.Min(HeadBytes, offset);
        var length = RandomAccess.Read(_file.SafeFileHandle, known[..start], 0);
        length += RandomAccess.Read(_file.SafeFileHandle, known.Slice(length, start), offset - start);
        return Convert.ToHexStringLower(SHA256.HashData(known[..length]));
    }

    private string? Link() =>
        OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}").LinkTarget : null;

    private byte[] Head(int bytes)
    {
        var head = new byte[Math.Min(bytes, _file.Length)];
        return head[..RandomAccess.Read(_file.SafeFileHandle, head, 0)];
    }
}
