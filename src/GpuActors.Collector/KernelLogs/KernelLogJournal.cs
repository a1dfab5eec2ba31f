using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using GpuActors.Collector.Common;
using Microsoft.Extensions.Logging;

namespace GpuActors.Collector.KernelLogs;

/// <summary>Follows the kernel messages of the systemd journal through <c>journalctl</c>, which is restarted when it ends.</summary>
/// <param name="program">Name or path of journalctl.</param>
/// <param name="from">Where to start.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="logger">Gets an event when journalctl ends.</param>
/// <param name="firstPause">Pause before the first restart; it doubles up to a minute.</param>
internal sealed class KernelLogJournal(string program, KernelLogStart from, TimeProvider time, ILogger logger, TimeSpan firstPause)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<string> _lines = [];
    private string _lastError = "";

    /// <summary>Follows until cancelled, then ends the child process. Faults of the child are logged, never thrown.</summary>
    public async Task RunAsync(Func<string, ValueTask> deliver, CancellationToken stop)
    {
        var pause = firstPause;
        string[] start = from == KernelLogStart.Start ? ["-n", "all"] : ["-n", "0"];
        while (!stop.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            var end = await FollowAsync(start, deliver, stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            // Lines logged meanwhile arrive after the restart; lines that arrive twice are suppressed as repetitions.
            start = ["-n", "all", "--since", "@" + time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)];
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

    private async Task<string> FollowAsync(string[] start, Func<string, ValueTask> deliver, CancellationToken stop)
    {
        using var child = new Process
        {
            StartInfo = new ProcessStartInfo(program, ["-k", "-f", "-o", "short-iso-precise", "--no-pager", .. start])
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

    private async Task ReadAsync(Stream output, Func<string, ValueTask> deliver, CancellationToken stop)
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
                await deliver(line).ConfigureAwait(false);
            }
        } while (count > 0);

        _lines.Clear();
        cutter.End(_lines);
        foreach (var line in _lines)
        {
            await deliver(line).ConfigureAwait(false);
        }
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
