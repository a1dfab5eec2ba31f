using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using GpuActors.Collector.Common;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.KernelLogs;

/// <summary>
/// Follows the kernel messages of the systemd journal through <c>journalctl</c>, which is restarted where it ended. Entries of earlier
/// boots are included, so that nothing between the last entry read and a reboot is lost.
/// </summary>
/// <param name="program">Name or path of journalctl.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="logger">Gets an event when journalctl ends.</param>
/// <param name="firstPause">Pause before the first restart; it doubles up to a minute.</param>
internal sealed class KernelLogJournal(string program, TimeProvider time, ILogger logger, TimeSpan firstPause)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<string> _lines = [];
    private LogCursor _last = new() { JournalTimeMs = time.GetUtcNow().ToUnixTimeMilliseconds() };
    private string _lastError = "";

    /// <summary>Where to start without a saved position.</summary>
    public KernelLogStart From { get; init; }

    /// <summary>Where an earlier process ended; null for none.</summary>
    public LogCursor? Resume { get; init; }

    /// <summary>Limit of <see cref="KernelLogStart.Start"/>: entries of earlier times are skipped, Unix milliseconds.</summary>
    public long BacklogSinceMs { get; init; }

    /// <summary>The position when this object was created, for a restart before the first entry.</summary>
    public LogCursor Started => _last;

    /// <summary>Follows until cancelled, then ends the child process. Faults of the child are logged, never thrown.</summary>
    /// <param name="deliver">Takes a line and the position after it.</param>
    /// <param name="stop">Ends the reading.</param>
    public async Task RunAsync(Func<string, LogCursor, ValueTask> deliver, CancellationToken stop)
    {
        var pause = firstPause;
        var start =
            Resume is not null ? After(Resume)
            : From == KernelLogStart.Start ? Since(BacklogSinceMs)
            : ["-n", "0"];
        _last = Resume ?? _last;
        while (!stop.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            var end = await FollowAsync(start, deliver, stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            if (_lastError.Contains("cursor", StringComparison.OrdinalIgnoreCase))
            {
                // The journal no longer knows the entry, or never did: its time is the next best.
                _last = _last with
                {
                    Journal = "",
                };
            }

            start = After(_last);
            pause = time.GetElapsedTime(started) > LongestPause ? firstPause : pause;
            logger.JournalEnded(end, pause.TotalSeconds);
            try
            {
                await Task.Delay(pause, time, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private static string[] After(LogCursor cursor) =>
        cursor.Journal.Length > 0 ? ["-n", "all", "--after-cursor=" + cursor.Journal] : Since(cursor.JournalTimeMs);

    private static string[] Since(long unixMs) =>
        ["-n", "all", "--since", "@" + Math.Max(0, unixMs / 1000).ToString(CultureInfo.InvariantCulture)];

    // Not -k, which leaves out earlier boots.
    private async Task<string> FollowAsync(string[] start, Func<string, LogCursor, ValueTask> deliver, CancellationToken stop)
    {
        using var child = new Process
        {
            StartInfo = new ProcessStartInfo(program, ["-f", "-o", "json", "--no-pager", .. start, "_TRANSPORT=kernel"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        _lastError = "";
        child.ErrorDataReceived += (_, error) => _lastError = string.IsNullOrWhiteSpace(error.Data) ? _lastError : error.Data.Trim();
        try
        {
            child.Start();
        }
        catch (Win32Exception e)
        {
            return $"{program} cannot be started ({e.Message}): install systemd, or give a log file, "
                + "such as --kernel-log /var/log/kern.log";
        }

        child.StandardInput.Close();
        child.BeginErrorReadLine();
        try
        {
            await ReadAsync(child.StandardOutput.BaseStream, deliver, stop).ConfigureAwait(false);
            await child.WaitForExitAsync(stop).ConfigureAwait(false);
            return $"{program} ended with exit code {child.ExitCode}{(_lastError.Length > 0 ? $" ({_lastError})" : "")}";
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return $"reading from {program} failed ({e.Message})";
        }
        finally
        {
            End(child);
        }
    }

    private async Task ReadAsync(Stream output, Func<string, LogCursor, ValueTask> deliver, CancellationToken stop)
    {
        var cutter = new LineCutter();
        int count;
        do
        {
            count = await output.ReadAsync(_buffer, stop).ConfigureAwait(false);
            _lines.Clear();
            cutter.Add(_buffer.AsSpan(0, count), _lines);
            foreach (var line in _lines)
            {
                await deliver(line, Position(line)).ConfigureAwait(false);
            }
        } while (count > 0);

        _lines.Clear();
        cutter.End(_lines);
        foreach (var line in _lines)
        {
            await deliver(line, Position(line)).ConfigureAwait(false);
        }
    }

    private LogCursor Position(string line)
    {
        if (Member(line, "\"__CURSOR\"") is { IsEmpty: false } cursor)
        {
            var isTime = long.TryParse(Member(line, "\"__REALTIME_TIMESTAMP\""), out var microseconds);
            _last = new LogCursor { Journal = cursor.ToString(), JournalTimeMs = isTime ? microseconds / 1000 : _last.JournalTimeMs };
        }

        return _last;
    }

    // "__CURSOR" : "s=…;i=…": these members have no escapes.
    private static ReadOnlySpan<char> Member(string line, string name)
    {
        var member = line.IndexOf(name, StringComparison.Ordinal);
        var value = member < 0 ? 0 : line.IndexOf('"', member + name.Length) + 1;
        var end = value > 0 ? line.IndexOf('"', value) : -1;
        return end > value ? line.AsSpan(value, end - value) : default;
    }

    private static void End(Process child)
    {
        try
        {
            child.Kill();
        }
        catch (InvalidOperationException)
        {
            // The child has already ended.
        }
    }
}
