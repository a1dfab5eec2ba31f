using GpuActors.Simulation.Failures;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>The oracle against what happens in a simulated fleet.</summary>
public sealed class FailureOracleTests
{
    private static readonly double[] BinEdges = [0, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.12, 0.25, 0.5, 0.75, 1];

    /// <summary>A cut of one GPU: outcome, oracle, and scores that see less.</summary>
    private sealed record Row(bool Failed, double Oracle, double[] Less);

    [Theory]
    [InlineData(7, 60)]
    [InlineData(30, 60)]
    [InlineData(90, 90)]
    public void The_oracle_is_calibrated_and_ranks_better_than_any_score_that_sees_less(int days, int everyDays)
    {
        var rows = Rows(days * 24.0, everyDays * 24);

        // Intervals of one GPU do not overlap, so given the oracle's state at each cut the outcomes are independent: the standard error of
        // a bin is the square root of Σ p (1 - p). With 30 to 40 bins in all, 3.8 of them are exceeded by chance once in 200 runs.
        Assert.All(
            rows.GroupBy(row => Array.FindLastIndex(BinEdges, edge => row.Oracle >= edge)),
            bin =>
            {
                var (expected, observed) = (bin.Sum(row => row.Oracle), bin.Count(row => row.Failed));
                var error = Math.Sqrt(bin.Sum(row => row.Oracle * (1 - row.Oracle)));
                Assert.True(
                    Math.Abs(observed - expected) <= (3.8 * error) + 1,
                    $"{days} d, bin from {BinEdges[bin.Key]}: {observed} observed, {expected:0.0} expected, error {error:0.0}"
                );
            }
        );
        var oracle = RocAuc(rows, row => row.Oracle);
        for (var i = 0; i < rows[0].Less.Length; i++)
        {
            var less = RocAuc(rows, row => row.Less[i]);
            Assert.True(oracle > less + 0.01, $"{days} d, score {i}: {less:0.000}, oracle {oracle:0.000}");
        }
    }

    [Fact]
    public void Longer_horizons_have_higher_probabilities_and_no_probability_depends_on_the_future()
    {
        var simulator = new LifeSimulator(new LifeSettings { Gpus = 500, Hours = 8760 });
        var shorter = new LifeSimulator(new LifeSettings { Gpus = 500, Hours = 4000 });
        for (var slot = 0; slot < 500; slot++)
        {
            // The same fleet, simulated to the cut only, has the same state at the cut.
            var cut = 4000.0 - 1e-6;
            var probabilities = Probabilities(simulator, slot, cut);
            Assert.Equal(probabilities, Probabilities(shorter, slot, cut));
            Assert.All(probabilities.Chunk(3), p => Assert.True(double.IsNaN(p[0]) || (p[0] > 0 && p[0] < p[1] && p[1] < p[2])));
        }
    }

    [Fact]
    public void The_closed_form_of_a_course_that_has_not_begun_equals_its_integral()
    {
        var oracle = new FailureOracle(new LifeSimulator(new LifeSettings { Gpus = 1 }));
        foreach (var mode in new FailureParameters().Modes.Where(mode => mode.IsGradual && mode.WearOutShape <= 1))
        {
            foreach (var hazard in new[] { 1e-8, 1e-6, 1e-4, 2e-3 })
            {
                foreach (var hours in new[] { 1, 168, 720, 2160 })
                {
                    var integral = oracle.Unbegun(mode, hazard, 0, hours, 4096);
                    Assert.InRange(oracle.Unbegun(mode, hazard, hours), integral * (1 - 1e-4) - 1e-14, integral * (1 + 1e-4) + 1e-14);
                }
            }
        }
    }

    [Fact]
    public void The_integration_for_wear_out_has_enough_intervals()
    {
        var oracle = new FailureOracle(new LifeSimulator(new LifeSettings { Gpus = 1 }));
        var aging = new FailureParameters().Find(FailureMode.Aging)!;
        foreach (var hours in new[] { 168, 720, 2160 })
        {
            var exact = oracle.Unbegun(aging, 1e-5, 20_000, hours, 4096);
            Assert.InRange(oracle.Unbegun(aging, 1e-5, 20_000, hours, FailureOracle.Intervals), exact * 0.999, exact * 1.001);
        }
    }

    [Fact]
    public void A_gpu_out_of_service_has_no_probability_and_a_horizon_out_of_range_is_refused()
    {
        var simulator = new LifeSimulator(new LifeSettings { Gpus = 1 });
        var oracle = new FailureOracle(simulator);
        var life = simulator.Lives(0)[0];

        Assert.True(double.IsNaN(oracle.Probability(life, life.InstalledHour - 1, 168)));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => oracle.Probability(life, 10, 0));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => oracle.Probability(life, 10, 2161));
    }

    [Fact]
    public void A_hot_gpu_that_draws_no_more_power_fails_no_more_often()
    {
        var simulator = new LifeSimulator(new LifeSettings { Gpus = 8 });
        var oracle = new FailureOracle(simulator);
        var life = simulator.Lives(0)[0];
        var (hotter, thirstier) = (
            As(life.Profile with { BaseTemperatureCelsius = life.Profile.BaseTemperatureCelsius + 12 }),
            As(life.Profile with { PowerFactor = life.Profile.PowerFactor * 1.2 })
        );

        Assert.Equal(oracle.Probability(As(life.Profile), 10, 720), oracle.Probability(hotter, 10, 720));
        Assert.True(oracle.Probability(thirstier, 10, 720) > oracle.Probability(hotter, 10, 720));

        GpuLife As(GpuProfile profile) =>
            new()
            {
                Slot = life.Slot,
                Number = life.Number,
                Uuid = life.Uuid,
                Host = life.Host,
                IndexOnHost = life.IndexOnHost,
                Height = life.Height,
                Product = life.Product,
                Profile = profile,
                Batch = life.Batch,
                InstalledHour = life.InstalledHour,
                Frailty = life.Frailty,
                ThermalResistance = life.ThermalResistance,
            };
    }

    private static double[] Probabilities(LifeSimulator simulator, int slot, double hour)
    {
        var oracle = new FailureOracle(simulator);
        return
        [
            .. simulator
                .Lives(slot)
                .Where(life => life.InstalledHour <= hour && life.RemovedHour > hour)
                .SelectMany(life => new[] { 168, 720, 2160 }.Select(horizon => oracle.Probability(life, hour, horizon))),
        ];
    }

    private static List<Row> Rows(double horizon, int every)
    {
        var simulator = new LifeSimulator(new LifeSettings { Gpus = 10_000 });
        var oracle = new FailureOracle(simulator);
        return
        [
            .. Enumerable
                .Range(0, simulator.Settings.Gpus)
                .AsParallel()
                .AsOrdered()
                .SelectMany(simulator.Lives)
                .SelectMany(life => RowsOf(oracle, life, horizon, every)),
        ];
    }

    private static IEnumerable<Row> RowsOf(FailureOracle oracle, GpuLife life, double horizon, int every)
    {
        for (var cut = 720.0; cut + horizon <= 13_140; cut += every)
        {
            var to = cut + horizon;
            var failed = life.Failures.Any(failure => failure.Hour > cut && failure.Hour <= to);
            // A planned removal leaves the outcome unknown, whoever would have failed.
            if (life.IsInService(cut) && (failed || !life.IsRemovalPlanned || life.RemovedHour > to))
            {
                yield return new(
                    failed,
                    oracle.Probability(life, cut, horizon),
                    [
                        life.Failures.Count(failure => failure.Hour <= cut),
                        life.Batch.Multiplier * Math.Pow(3.4, life.Height),
                        life.Courses.Sum(course => course.SeverityAt(cut)),
                        life.Courses.Sum(course => (double)course.StageAt(cut) / course.Mode.Stages) + (0.001 * life.Batch.Multiplier),
                        life.Profile.BaseTemperatureCelsius,
                    ]
                );
            }
        }
    }

    // The share of pairs of a failed and another row in which the failed one has the higher score; ties count half.
    private static double RocAuc(List<Row> rows, Func<Row, double> score)
    {
        double won = 0;
        long failedBelow = 0;
        var failed = rows.Count(row => row.Failed);
        foreach (var tie in rows.GroupBy(score).OrderBy(group => group.Key))
        {
            var here = tie.Count(row => row.Failed);
            won += (tie.Count() - here) * (failed - failedBelow - (here / 2.0));
            failedBelow += here;
        }

        return won / ((double)failed * (rows.Count - failed));
    }
}
