using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Logs;

/// <summary>Appends the kernel log lines of all hosts of a fleet to one file, like a central log server.</summary>
public sealed class KernelLogWriter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly string _path;
    private readonly SimulatedFleet _fleet;
    private int _lastFault;
    private readonly HashSet<int> _pending = [];

    /// <summary>Creates the writer, and the file if it does not exist.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write the file.</exception>
    public KernelLogWriter(string path, SimulatedFleet fleet)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fleet);
        _path = path;
        _fleet = fleet;
        Append([]);
    }

    /// <summary>Writes the lines of the faults that have started since the last call.</summary>
    /// <param name="nowMs">Current time in Unix milliseconds.</param>
    public void Write(long nowMs)
    {
        var faults = _fleet.Faults;
        foreach (var fault in faults.Where(f => f.Id > _lastFault))
        {
            _pending.Add(fault.Id);
        }

        _lastFault = Math.Max(_lastFault, faults.Select(f => f.Id).DefaultIfEmpty().Max());
        var due = faults.Where(f => f.FromMs <= nowMs && _pending.Remove(f.Id)).OrderBy(f => f.FromMs).ToList();
        if (due.Count > 0)
        {
            Append(due.SelectMany(f => KernelLogLines.Of(f, _fleet.Gpus[f.Gpu])));
        }
    }

    /// <summary>Writes every 100 ms until <paramref name="stop"/> is cancelled.</summary>
    public async Task RunAsync(TimeProvider time, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(time);
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false))
            {
                Write(time.GetUtcNow().ToUnixTimeMilliseconds());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Expected: the token was cancelled.
        }
    }

    // The file is opened for each write, so that it can be rotated like a real log.
    private void Append(IEnumerable<string> lines)
    {
        using var file = new StreamWriter(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        foreach (var line in lines)
        {
            file.Write(line + "\n");
        }
    }
}
