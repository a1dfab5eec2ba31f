namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// An injected fault: five consecutive samples with the power brake on, for which the rule <c>power_brake</c> must publish one firing and
/// one resolved record.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="FirstMs">Time of the first sample with the brake on, in Unix milliseconds.</param>
internal sealed record Fault(FleetGpu Gpu, long FirstMs)
{
    public const int Samples = 5;

    // The rule's setting in rules.conf: 3 of 3.
    private const int Required = 3;

    /// <summary>Time of the sample at which the alert must open.</summary>
    public long TriggerMs => FirstMs + ((Required - 1) * 1000);

    /// <summary>Time of the last sample with the brake on.</summary>
    public long LastMs => FirstMs + ((Samples - 1) * 1000);

    /// <summary>Whether an alert that opened at this time can be caused by this fault.</summary>
    public bool Covers(long openedMs) => openedMs >= FirstMs && openedMs <= LastMs;
}

/// <summary>
/// The schedule of faults: a constant rate, distributed over all partitions, so that at any time every shard has to publish an alert soon.
/// A GPU gets its next fault after the alert of the previous one has resolved, and at most three: with a fourth within an hour its alert
/// would flap and stay open.
/// </summary>
internal sealed class FaultPlan
{
    private const int MaxFaultsPerGpu = 3;

    // More than five samples, the clear delay of ten seconds, and the sample at which the alert resolves.
    private const long MinIntervalMs = 20_000;

    private readonly Queue<int> _next;
    private readonly int[] _left;
    private readonly int[] _done;
    private readonly long[] _startedMs;
    private readonly FleetGpu[] _gpus;
    private readonly double _periodMs;
    private readonly List<Fault> _faults = [];
    private double _dueMs;
    private bool _stopped;

    /// <param name="gpus">The fleet.</param>
    /// <param name="perSecond">Faults per second.</param>
    /// <param name="warmUpMs">Time before the first fault, in milliseconds, because a GPU's first samples are the baseline of its
    /// counters.</param>
    public FaultPlan(FleetGpu[] gpus, double perSecond, long warmUpMs)
    {
        _gpus = gpus;
        _left = new int[gpus.Length];
        _done = new int[gpus.Length];
        _startedMs = new long[gpus.Length];
        Array.Fill(_startedMs, long.MinValue / 2);
        _periodMs = 1000 / perSecond;
        _dueMs = warmUpMs;
        var byPartition = gpus.Select((gpu, number) => (gpu.Partition, number))
            .GroupBy(g => g.Partition)
            .SelectMany(p => p.Select((g, place) => (place, g.Partition, g.number)));
        _next = new Queue<int>(byPartition.OrderBy(g => g.place).ThenBy(g => g.Partition).Select(g => g.number));
    }

    /// <summary>
    /// Gets the maximum rate of faults, per second, for which no GPU gets too many faults during the given time; at most
    /// <paramref name="limit"/>.
    /// </summary>
    public static double Rate(int gpus, TimeSpan duration, double limit) =>
        Math.Min(limit, Math.Min(gpus * 1000.0 / MinIntervalMs, MaxFaultsPerGpu * gpus / duration.TotalSeconds) * 0.9);

    /// <summary>The faults that have started so far.</summary>
    public Fault[] Faults
    {
        get
        {
            lock (_faults)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>Prevents further faults from starting. Faults in progress continue to their end.</summary>
    public void Stop() => Volatile.Write(ref _stopped, true);

    /// <summary>Starts the faults that are due.</summary>
    /// <param name="elapsedMs">Time since the start of the load, in milliseconds.</param>
    public void Advance(double elapsedMs)
    {
        while (elapsedMs >= _dueMs && !Volatile.Read(ref _stopped))
        {
            _dueMs += _periodMs;
            if (_next.TryPeek(out var gpu) && elapsedMs - _startedMs[gpu] >= MinIntervalMs)
            {
                _next.Dequeue();
                _left[gpu] = Fault.Samples;
                _startedMs[gpu] = (long)elapsedMs;
                if (++_done[gpu] < MaxFaultsPerGpu)
                {
                    _next.Enqueue(gpu);
                }
            }
        }
    }

    /// <summary>Whether the power brake is on in the GPU's next sample.</summary>
    public bool Brakes(int gpu, long timeMs)
    {
        if (_left[gpu] == 0)
        {
            return false;
        }

        if (_left[gpu]-- == Fault.Samples)
        {
            lock (_faults)
            {
                _faults.Add(new Fault(_gpus[gpu], timeMs));
            }
        }

        return true;
    }
}
