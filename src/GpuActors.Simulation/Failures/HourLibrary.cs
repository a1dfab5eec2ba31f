using System.Collections.Concurrent;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>
/// Hours of healthy GPUs of one product, simulated second by second: for each profile several of each hour of the day, and some without
/// load. The fast-forward draws from them. So what it says of an hour is what the simulation in seconds says, with all correlations.
/// </summary>
internal sealed class HourLibrary
{
    /// <summary>
    /// Hours per profile and hour of the day. A multiple of ten, after which the phase of bursts and of intermittent load repeats.
    /// </summary>
    public const int Replicates = 20;

    private const int IdleHours = 24;
    private const int HoursPerDay = 24;
    private const int WarmUpSeconds = 300;
    private const int Seconds = 3600;
    private static readonly ConcurrentDictionary<GpuProduct, Lazy<HourLibrary>> Libraries = [];

    private readonly HourPattern[] _busy = new HourPattern[GpuProfile.All.Count * HoursPerDay * Replicates];
    private readonly HourPattern[] _idle = new HourPattern[GpuProfile.All.Count * IdleHours];

    private HourLibrary(GpuProduct product)
    {
        _ = Parallel.For(0, GpuProfile.All.Count * HoursPerDay, cell => SimulateCell(product, cell));
        _ = Parallel.For(0, _idle.Length, i => _idle[i] = Simulate(product, i / IdleHours, i % HoursPerDay, ~i, isIdle: true));
    }

    /// <summary>The library of a product, simulated on first use.</summary>
    public static HourLibrary Of(GpuProduct product) =>
        Libraries.GetOrAdd(product, of => new Lazy<HourLibrary>(() => new HourLibrary(of))).Value;

    /// <summary>An hour with load.</summary>
    /// <param name="profile">Index of the profile.</param>
    /// <param name="hourOfDay">Hour of the day in UTC.</param>
    /// <param name="draw">Random bits that select one.</param>
    public ref readonly HourPattern Busy(int profile, int hourOfDay, ulong draw) =>
        ref _busy[(((profile * HoursPerDay) + hourOfDay) * Replicates) + (int)(draw % Replicates)];

    /// <summary>An hour without load.</summary>
    /// <param name="profile">Index of the profile.</param>
    /// <param name="draw">Random bits that select one.</param>
    public ref readonly HourPattern Idle(int profile, ulong draw) => ref _idle[(profile * IdleHours) + (int)(draw % IdleHours)];

    private void SimulateCell(GpuProduct product, int cell)
    {
        for (var i = cell * Replicates; i < (cell + 1) * Replicates; i++)
        {
            _busy[i] = Simulate(product, cell / HoursPerDay, cell % HoursPerDay, i, isIdle: false);
        }
    }

    private static HourPattern Simulate(GpuProduct product, int profileIndex, int hourOfDay, int number, bool isIdle)
    {
        var profile = GpuProfile.All[profileIndex];
        var random = Draws.Stream(0, StreamOf.Library, number);
        var faults = new PhysicalFaults(isIdle, false, false, false);
        var physics = new GpuPhysics(profile.MeanLoad);
        Tally celsius = default,
            memory = default,
            watts = default,
            utilization = default,
            load = default,
            clock = default;
        var (idleSeconds, capSeconds) = (0, 0);
        // A day after the epoch, so that the time of the warm-up is positive.
        var start = ((HoursPerDay + hourOfDay) * 3_600_000L);
        for (var second = -WarmUpSeconds; second < Seconds; second++)
        {
            physics.Step(ref random, start + (second * 1000L), number & 0xffff, profile, product, faults);
            if (second >= 0)
            {
                celsius.Add(physics.Celsius);
                memory.Add(physics.Celsius + 6 + (4 * physics.Load));
                watts.Add(physics.Watts);
                utilization.Add(Math.Round(physics.Load * 100));
                load.Add(physics.Load);
                clock.Add(physics.Clock);
                idleSeconds += physics.Mask & 1;
                capSeconds += (physics.Mask >> 2) & 1;
            }
        }

        return new(
            celsius.Statistics,
            memory.Statistics,
            watts.Statistics,
            utilization.Statistics,
            load.Statistics,
            clock.Statistics,
            idleSeconds,
            capSeconds
        );
    }

    private struct Tally
    {
        private double _sum,
            _squares,
            _min,
            _max;
        private int _count;

        public void Add(double value)
        {
            (_min, _max) = _count++ == 0 ? (value, value) : (Math.Min(_min, value), Math.Max(_max, value));
            _sum += value;
            _squares += value * value;
        }

        public readonly HourStatistics Statistics
        {
            get
            {
                var mean = _sum / _count;
                return new((float)mean, (float)Math.Sqrt(Math.Max(0, (_squares / _count) - (mean * mean))), (float)_min, (float)_max);
            }
        }
    }
}
