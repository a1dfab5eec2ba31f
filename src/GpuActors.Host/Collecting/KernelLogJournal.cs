using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace GpuActors.Host.Collecting;

/// <summary>Follows the kernel's part of systemd's journal through <c>journalctl</c>, which is started again when it ends.</summary>
/// <param name="program">Name or path of journalctl.</param>
/// <param name="from">Where to start.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="notice">Tells a person when it does not run.</param>
/// <param name="firstPause">Pause before the second start; it doubles up to a minute.</param>
internal sealed class KernelLogJournal(string program, KernelLogStart from, TimeProvider time, Action<string> notice, TimeSpan firstPause)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<string> _lines = [];
    private string _lastError = "";

    /// <summary>Follows until cancelled; the child ends with it. Never fails because of the child.</summary>
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

            // What was logged meanwhile comes after the next start; what comes twice is left out as a repetition.
            start = ["-n", "all", "--since", "@" + time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)];
            pause = time.GetElapsedTime(started) > LongestPause ? firstPause : pause;
            notice($"kernel log: {end}; trying again in {pause.TotalSeconds:0.###} s");
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
            return $"{program} can't be started ({e.Message}): install systemd's journalctl, or give the log's file, such as --kernel-log /var/log/kern.log";
        }

        child.StandardInput.Close();
        child.BeginErrorReadLine();
        try
        {
            await ReadAsync(child.StandardOutput.BaseStream, deliver, stop).ConfigureAwait(false);
            await child.WaitForExitAsync(stop).ConfigureAwait(false);
            return $"{program} ended with {child.ExitCode}{(_lastError.Length > 0 ? $" ({_lastError})" : "")}";
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return $"{program} is read no more ({e.Message})";
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
            cutter.Take(_buffer.AsSpan(0, count), _lines);
            foreach (var line in _lines)
            {
                await deliver(line).ConfigureAwait(false);
            }
        } while (count > 0);
    }

    private static void End(Process child)
    {
        try
        {
            child.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
