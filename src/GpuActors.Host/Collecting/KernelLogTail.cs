namespace GpuActors.Host.Collecting;

/// <summary>
/// Follows a log file by its path: through rotation by renaming and creating, through truncation, and from before the file exists. It asks
/// a few times a second, which works on every file system.
/// </summary>
internal sealed class KernelLogTail(string path, KernelLogStart from, TimeProvider time, Action<string> notice) : IDisposable
{
    // A logger is told of a rotation only after it: until then it writes to the old file.
    private static readonly TimeSpan OldFileGrace = TimeSpan.FromSeconds(5);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private FollowedFile? _current;
    private FollowedFile? _old;
    private long _oldSince;
    private bool _fromEnd = from == KernelLogStart.End;
    private string? _fault;

    /// <summary>Reads what is there, at most a few buffers full.</summary>
    /// <param name="lines">Gets the lines.</param>
    /// <returns>True when there may be more at once.</returns>
    public bool Poll(List<string> lines)
    {
        try
        {
            var more = ReadOld(lines);
            if (_current is null)
            {
                _current = FollowedFile.Open(path, _fromEnd);
                // The file is there, so from here on a new one is new from its start.
                _fromEnd = false;
            }

            more |= _current.Read(_buffer, lines);
            Note(null);
            return more || Rotate(lines);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (e is FileNotFoundException or DirectoryNotFoundException)
            {
                _fromEnd = false;
            }

            Note(e.Message);
            return false;
        }
    }

    public void Dispose()
    {
        _current?.Dispose();
        _old?.Dispose();
    }

    private bool ReadOld(List<string> lines)
    {
        if (_old is null)
        {
            return false;
        }

        if (_old.Read(_buffer, lines))
        {
            return true;
        }

        if (time.GetElapsedTime(_oldSince) >= OldFileGrace)
        {
            CloseOld(lines);
        }

        return false;
    }

    // Only at the end of the current file, so that nothing of it is left behind.
    private bool Rotate(List<string> lines)
    {
        if (!_current!.IsReplacedAt(path))
        {
            return false;
        }

        CloseOld(lines);
        _old = _current;
        _oldSince = time.GetTimestamp();
        _current = null;
        return true;
    }

    private void CloseOld(List<string> lines)
    {
        _old?.End(lines);
        _old?.Dispose();
        _old = null;
    }

    // Told when it begins and when it ends, not five times a second.
    private void Note(string? fault)
    {
        if (fault is null && _fault is not null)
        {
            notice($"kernel log {path}: is read now");
        }
        else if (fault is not null && _fault is null)
        {
            notice(
                $"kernel log {path}: {fault}; waiting for it. It must be a file that this user may read (often: a member of the group adm), or journal"
            );
        }

        _fault = fault;
    }
}
