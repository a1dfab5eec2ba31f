using GpuActors.Collector.Common;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Follows a log file by its path through rotation (rename and create) and truncation, also when the file does not exist yet. It polls,
/// which works on every file system.
/// </summary>
/// <param name="path">Path of the file.</param>
/// <param name="from">Where to start without a saved position.</param>
/// <param name="resume">Where an earlier process ended; null for none. A file that was rotated meanwhile is read to its end first.</param>
/// <param name="time">Clock of the waits.</param>
/// <param name="logger">Gets an event when the file cannot be read.</param>
internal sealed class KernelLogTail(string path, KernelLogStart from, LogCursor? resume, TimeProvider time, ILogger logger) : IDisposable
{
    // A logger is notified after the rotation: until then it writes to the old file.
    private static readonly TimeSpan OldFileGrace = TimeSpan.FromSeconds(5);

    // A writer that ends a line in a second call does so at once.
    private static readonly TimeSpan LineGrace = TimeSpan.FromSeconds(1);

    private static readonly string[] Compressed = [".gz", ".xz", ".bz2", ".zst", ".lz4"];

    private readonly byte[] _buffer = new byte[64 * 1024];
    private FollowedFile? _current;
    private FollowedFile? _old;
    private long _oldSince;
    private readonly Queue<FollowedFile> _rotated = new();
    private LogCursor? _resume = resume;
    private long _quietSince = time.GetTimestamp();
    private bool _fromEnd = resume is null && from == KernelLogStart.End;
    private bool _isFirst = true;
    private bool _isMissing;
    private string? _fault;

    /// <summary>How far the log has been read; null while that is not known.</summary>
    public LogCursor? Cursor =>
        _rotated.TryPeek(out var rotated) ? rotated.Cursor
        : _current is not null ? _current.Cursor
        : _old is not null ? _old.Cursor
        : _resume ?? (_isMissing ? new LogCursor() : null);

    /// <summary>
    /// Whether the lines of the last poll were there before the log was followed, and no saved position says that they are new.
    /// </summary>
    public bool IsBacklog { get; private set; }

    /// <summary>Reads what is available, at most a few buffers.</summary>
    /// <param name="lines">Gets the lines.</param>
    /// <returns>True when more may be available immediately.</returns>
    public bool Poll(List<string> lines)
    {
        try
        {
            IsBacklog = false;
            var more = ReadOld(lines);
            _current ??= Open();
            if (_rotated.Count > 0)
            {
                return ReadRotated(lines);
            }

            var isRead = _current.Read(_buffer, lines);
            IsBacklog = _isFirst && _current.IsBacklog;
            if (isRead)
            {
                more = true;
                _quietSince = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(_quietSince) >= LineGrace)
            {
                _current.End(lines);
            }

            Note(null);
            return more || Rotate(lines);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (e is FileNotFoundException or DirectoryNotFoundException)
            {
                _fromEnd = _isFirst = false;
                _isMissing = true;
            }

            Note(e.Message);
            return false;
        }
    }

    /// <summary>Adds the last lines, where they have no line ends.</summary>
    /// <returns>False: nothing follows.</returns>
    public bool End(List<string> lines)
    {
        CloseOld(lines);
        _current?.End(lines);
        return false;
    }

    public void Dispose()
    {
        _current?.Dispose();
        _old?.Dispose();
        foreach (var rotated in _rotated)
        {
            rotated.Dispose();
        }
    }

    private FollowedFile Open()
    {
        var file = FollowedFile.Open(path, _fromEnd);
        // A file that appears from now on is new, so it is read from its start.
        _fromEnd = false;
        if (_resume is { } resume)
        {
            _resume = null;
            // A position is no backlog: everything after it is new.
            _isFirst = !(file.TryResume(resume) || FindRotated(resume));
            if (_isFirst)
            {
                logger.LogPositionLost(path);
            }
        }

        return file;
    }

    // kern.log.1 or kern.log-20261124, and what was rotated after it.
    private bool FindRotated(LogCursor resume)
    {
        var full = Path.GetFullPath(path);
        var files = new List<FollowedFile>();
        foreach (var name in Directory.EnumerateFiles(Path.GetDirectoryName(full)!, Path.GetFileName(full) + "*"))
        {
            if (name == full || Compressed.Contains(Path.GetExtension(name)))
            {
                continue;
            }

            try
            {
                files.Add(FollowedFile.Open(name, fromEnd: false));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A file that this user may not read is not the one that was read before.
            }
        }

        var byTime = files.OrderBy(file => file.WrittenAt).ToList();
        var known = byTime.FindIndex(file => file.TryResume(resume));
        for (var i = 0; i < byTime.Count; i++)
        {
            if (known >= 0 && i >= known)
            {
                _rotated.Enqueue(byTime[i]);
            }
            else
            {
                byTime[i].Dispose();
            }
        }

        return known >= 0;
    }

    private bool ReadRotated(List<string> lines)
    {
        var file = _rotated.Peek();
        if (!file.Read(_buffer, lines))
        {
            file.End(lines);
            file.Dispose();
            _rotated.Dequeue();
        }

        return true;
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

    // Called at the end of the current file, so that no line of it is lost.
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
        _isFirst = false;
        return true;
    }

    private void CloseOld(List<string> lines)
    {
        _old?.End(lines);
        _old?.Dispose();
        _old = null;
    }

    // One event when a fault begins and one when it ends, not one per poll.
    private void Note(string? fault)
    {
        if (fault is null && _fault is not null)
        {
            logger.LogFileRecovered(path);
        }
        else if (fault is not null && _fault is null)
        {
            logger.LogFileFails(path, fault);
        }

        _fault = fault;
    }
}
