namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// An injected fault: five samples in a row with the power brake on, which rule <c>power_brake</c> must answer with one firing and one
/// resolved alert.
/// </summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="FirstMs">Time of the first sample with the brake on, Unix milliseconds.</param>
internal sealed record Fault(FleetGpu Gpu, long FirstMs)
{
    public const int Samples = 5;

    // Of rules.conf: 3 of 3.
    private const int Required = 3;

    /// <summary>Time of the sample at which the alert must open.</summary>
    public long TriggerMs => FirstMs + ((Required - 1) * 1000);

    /// <summary>Time of the last sample with the brake on.</summary>
    public long LastMs => FirstMs + ((Samples - 1) * 1000);

    /// <summary>Whether an alert that opened at a time can be about this fault.</summary>
    public bool Covers(long openedMs) => openedMs >= FirstMs && openedMs <= LastMs;
}

/// <summary>
/// Which GPU brakes when: a steady stream over all partitions, so that at any moment every shard owes an alert soon. A GPU gets its next
/// fault only once the alert of the one before has resolved, and three at most: with a fourth within the hour its alert would flap, and
/// stay open.
/// </summary>
internal sealed class FaultPlan
{
    private const int MostOfGpu = 3;

    // Five samples, ten seconds of clear delay, and a sample to see it.
    private static readonly long ShortestPauseMs = 20_000;

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
    /// <param name="perSecond">Faults a second.</param>
    /// <param name="warmUpMs">Time before the first: a GPU's first samples are the baseline of its counters.</param>
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
    /// The most faults a second that a fleet can have for a time, without one GPU having too many; at most <paramref name="wanted"/>.
    /// </summary>
    public static double Rate(int gpus, TimeSpan duration, double wanted) =>
        Math.Min(wanted, Math.Min(gpus * 1000.0 / ShortestPauseMs, MostOfGpu * gpus / duration.TotalSeconds) * 0.9);

    /// <summary>Faults begun so far.</summary>
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

    /// <summary>No further fault begins; one that is under way goes on to its end.</summary>
    public void Stop() => Volatile.Write(ref _stopped, true);

    /// <summary>Lets faults begin that are due.</summary>
    /// <param name="elapsedMs">Time since the start of the load.</param>
    public void Advance(double elapsedMs)
    {
        while (elapsedMs >= _dueMs && !Volatile.Read(ref _stopped))
        {
            _dueMs += _periodMs;
            if (_next.TryPeek(out var gpu) && elapsedMs - _startedMs[gpu] >= ShortestPauseMs)
            {
                _next.Dequeue();
                _left[gpu] = Fault.Samples;
                _startedMs[gpu] = (long)elapsedMs;
                if (++_done[gpu] < MostOfGpu)
                {
                    _next.Enqueue(gpu);
                }
            }
        }
    }

    /// <summary>Whether the brake is on in the GPU's next sample.</summary>
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
