using System.Diagnostics;
using System.Globalization;
using GpuActors.Simulation.Failures;

namespace GpuActors.Benchmarks;

/// <summary>How fast a fleet is simulated at hourly statistics: <c>fast-forward [GPUS HOURS]</c>.</summary>
internal static class FastForwardBenchmark
{
    public static void Run(int gpus, int hours)
    {
        var start = Stopwatch.GetTimestamp();
        var simulator = new LifeSimulator(new LifeSettings { Gpus = gpus, Hours = hours });
        // The library of hours is simulated once per process and product.
        simulator.WriteHours(simulator.Lives(0)[0], 0, 1, new LifeHours());
        Print($"library of hours: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");

        start = Stopwatch.GetTimestamp();
        var lives = new IReadOnlyList<GpuLife>[gpus];
        _ = Parallel.For(0, gpus, slot => lives[slot] = simulator.Lives(slot));
        Print($"lives: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");

        start = Stopwatch.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var (count, sum) = (0L, 0.0);
        _ = Parallel.For(
            0,
            gpus,
            () => (Hours: new LifeHours(), Count: 0L, Sum: 0.0),
            (slot, _, local) =>
            {
                foreach (var life in lives[slot])
                {
                    var from = (int)Math.Max(0, life.InstalledHour);
                    var to = (int)Math.Min(hours, Math.Ceiling(life.RemovedHour));
                    if (to > from)
                    {
                        simulator.WriteHours(life, from, to, local.Hours);
                        local.Count += to - from;
                        local.Sum += local.Hours[HourColumn.Samples][^1];
                    }
                }

                return local;
            },
            local =>
            {
                _ = Interlocked.Add(ref count, local.Count);
                lock (lives)
                {
                    sum += local.Sum;
                }
            }
        );
        var wall = Stopwatch.GetElapsedTime(start);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        Print($"{count:N0} GPU-hours of {LifeHours.Columns} columns in {wall.TotalSeconds:0.0} s (checksum {sum:0})");
        Print($"{cpu.TotalMicroseconds / count:0.000} µs of CPU per GPU-hour");

        start = Stopwatch.GetTimestamp();
        cpu = Environment.CpuUsage.TotalTime;
        var oracle = new FailureOracle(simulator);
        var cuts = lives.AsParallel().Sum(slot => slot.Sum(life => Cuts(oracle, life, hours)));
        Print(
            $"{cuts:N0} probabilities of the oracle, {(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / cuts:0.0} µs of CPU each"
        );
        foreach (var type in lives.SelectMany(slot => slot).SelectMany(life => life.Failures).GroupBy(failure => failure.Mode).Order(By))
        {
            Print($"{type.Key}: {type.Count()} failures, {type.Count(failure => failure.ReplacedBy is not null)} replaced");
        }
    }

    private static Comparer<IGrouping<FailureMode, GpuFailure>> By { get; } =
        Comparer<IGrouping<FailureMode, GpuFailure>>.Create((a, b) => a.Key.CompareTo(b.Key));

    private static long Cuts(FailureOracle oracle, GpuLife life, int hours)
    {
        var count = 0L;
        for (var cut = 0; cut < hours; cut += 720)
        {
            count += double.IsNaN(oracle.Probability(life, cut, 720)) ? 0 : 1;
        }

        return count;
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
