using GpuActors.Collector.Common;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Follows a log file by its path through rotation (rename and create) and truncation, also when the file does not exist yet. It polls,
/// which works on every file system.
/// </summary>
internal sealed class KernelLogTail(string path, KernelLogStart from, TimeProvider time, ILogger logger) : IDisposable
{
    // A logger is notified after the rotation: until then it writes to the old file.
    private static readonly TimeSpan OldFileGrace = TimeSpan.FromSeconds(5);

    // A writer that ends a line in a second call does so at once.
    private static readonly TimeSpan LineGrace = TimeSpan.FromSeconds(1);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private FollowedFile? _current;
    private FollowedFile? _old;
    private long _oldSince;
    private long _quietSince = time.GetTimestamp();
    private bool _fromEnd = from == KernelLogStart.End;
    private string? _fault;

    /// <summary>Reads what is available, at most a few buffers.</summary>
    /// <param name="lines">Gets the lines.</param>
    /// <returns>True when more may be available immediately.</returns>
    public bool Poll(List<string> lines)
    {
        try
        {
            var more = ReadOld(lines);
            if (_current is null)
            {
                _current = FollowedFile.Open(path, _fromEnd);
                // A file that appears from now on is new, so it is read from its start.
                _fromEnd = false;
            }

            if (_current.Read(_buffer, lines))
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
                _fromEnd = false;
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
