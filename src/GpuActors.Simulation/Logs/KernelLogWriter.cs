using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Logs;

/// <summary>Appends to one file what the kernels of a fleet's hosts log, as a log server that collects from all of them would.</summary>
public sealed class KernelLogWriter
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly string _path;
    private readonly SimulatedFleet _fleet;
    private int _lastFault;
    private readonly HashSet<int> _toCome = [];

    /// <summary>Creates the file if it is not there.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public KernelLogWriter(string path, SimulatedFleet fleet)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fleet);
        _path = path;
        _fleet = fleet;
        Append([]);
    }

    /// <summary>Writes what has been logged since the last call.</summary>
    /// <param name="nowMs">Now, Unix milliseconds.</param>
    public void Write(long nowMs)
    {
        var faults = _fleet.Faults;
        foreach (var fault in faults.Where(f => f.Id > _lastFault))
        {
            _toCome.Add(fault.Id);
        }

        _lastFault = Math.Max(_lastFault, faults.Select(f => f.Id).DefaultIfEmpty().Max());
        var due = faults.Where(f => f.FromMs <= nowMs && _toCome.Remove(f.Id)).OrderBy(f => f.FromMs).ToList();
        if (due.Count > 0)
        {
            Append(due.SelectMany(f => KernelLogLines.Of(f, _fleet.Gpus[f.Gpu])));
        }
    }

    /// <summary>Writes until cancelled.</summary>
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
            // This is how it ends.
        }
    }

    // Opened each time, so that it may be rotated as a real one.
    private void Append(IEnumerable<string> lines)
    {
        using var file = new StreamWriter(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        foreach (var line in lines)
        {
            file.Write(line + "\n");
        }
    }
}
