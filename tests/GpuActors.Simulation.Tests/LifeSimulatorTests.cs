using GpuActors.Simulation.Failures;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>Rates, lead times, replacements and recurrence of simulated failures.</summary>
public sealed class LifeSimulatorTests
{
    private const int Gpus = 10_000;
    private static readonly Lazy<IReadOnlyList<GpuLife>> Default = new(() => Lives(new LifeSettings()));

    [Fact]
    public void Each_mode_fails_at_its_rate()
    {
        // Without recurrence, whose effect depends on the time since the first failure. Frail GPUs and bad batches are replaced first, so
        // that the later rates are lower by a few percent.
        var parameters = new FailureParameters();
        var lives = Lives(
            new LifeSettings { Failures = parameters with { Modes = [.. parameters.Modes.Select(m => m with { Recurrence = [] })] } }
        );
        var hours = lives.Sum(life => Math.Min(life.RemovedHour, 13_140) - Math.Max(life.InstalledHour, 0));
        foreach (var mode in parameters.Modes.Where(mode => mode.WearOutShape <= 1))
        {
            var expected = mode.PerGpuHour * hours;
            var observed = lives.Sum(life => life.Failures.Count(failure => failure.Mode == mode.Mode && failure.Hour >= 0));
            Assert.InRange(observed, (0.88 * expected) - (3.5 * Math.Sqrt(expected)), (1.05 * expected) + (3.5 * Math.Sqrt(expected)));
        }
    }

    [Fact]
    public void The_fleet_fails_within_reach_of_the_published_rate()
    {
        var failures = Default.Value.Sum(life => life.Failures.Count(failure => failure.Hour >= 0));
        Assert.InRange(failures / (Gpus * 13_140.0), 1.26e-5 * 0.85, 1.26e-5 * 1.3);
    }

    [Fact]
    public void Batches_differ_by_their_multipliers_and_heights_by_their_factor()
    {
        FailureParameters only = new()
        {
            Modes = [new(FailureMode.FellOffBus, FailureType.Interconnect, 2e-6, 1) { VariesByBatch = true, VariesByHeight = true }],
        };
        var lives = Lives(new LifeSettings { Gpus = 20_000, Failures = only });
        var byBatch = only.Batches.ToDictionary(batch => batch.Name, batch => Rate(lives.Where(life => life.Batch == batch)));
        var byHeight = lives.GroupBy(life => life.Height).OrderBy(group => group.Key).Select(Rate).ToList();

        // Each bound is about three standard errors: the best batch has 140 failures, the bottom of the racks 80.
        Assert.InRange(byBatch["D"] / byBatch["A"], 27 * 0.7, 27 * 1.4);
        Assert.InRange(byHeight[^1] / byHeight[0], 3.4 * 0.65, 3.4 * 1.5);
    }

    [Fact]
    public void The_hazard_of_a_gpu_that_survives_rises_by_the_factors_of_recurrence()
    {
        FailureParameters only = new()
        {
            Modes = [new(FailureMode.MemorySudden, FailureType.Memory, 1e-5, 0) { Recurrence = [15, 37, 73] }],
            RemovalsPerYear = 0,
        };
        var lives = Lives(new LifeSettings { Failures = only });
        foreach (var (prior, factor) in new[] { (0, 1), (1, 15), (2, 37), (3, 73) })
        {
            var hours = 0.0;
            var failures = 0;
            foreach (var life in lives.Where(life => life.Failures.Count >= prior))
            {
                var from = prior == 0 ? Math.Max(life.InstalledHour, -2160) : life.Failures[prior - 1].Hour;
                hours += (life.Failures.Count > prior ? life.Failures[prior].Hour : 13_140) - from;
                failures += life.Failures.Count > prior ? 1 : 0;
            }

            Assert.InRange(failures / hours, 1e-5 * factor * 0.85, 1e-5 * factor * 1.15);
        }
    }

    [Fact]
    public void Courses_take_their_lead_time_and_heal_in_their_share()
    {
        foreach (var mode in new[] { FailureMode.MemoryGradual, FailureMode.NvlinkDecay })
        {
            var courses = Default
                .Value.SelectMany(life => life.Courses)
                .Where(course => course.Mode.Mode == mode && course.StageHours[0] is > 0 and < 8000)
                .ToList();
            var failed = courses.Where(course => course.Failed).ToList();
            var parameters = courses[0].Mode;
            // The mean over the speeds 0.5, 1 and 2 with the shares 1/4, 1/2 and 1/4 is 1.125 times the lead time. A course that can heal
            // in any stage and does not has been faster: its stages last StageSuccess times as long.
            var days = failed.Average(course => (course.EndHour - course.StageHours[0]) / 24);
            var expected = parameters.LeadDays * 1.125 * parameters.StageSuccess;

            Assert.True(failed.Count > 50);
            Assert.InRange(days, expected * 0.75, expected * 1.25);
            Assert.InRange((double)failed.Count / courses.Count, parameters.FailingShare - 0.12, parameters.FailingShare + 0.12);
            Assert.All(failed, course => Assert.Equal(parameters.Stages, course.StageHours.Count));
        }
    }

    [Fact]
    public void A_failed_gpu_is_replaced_after_the_repair_or_goes_on_after_a_reset()
    {
        var bySlot = Default.Value.ToLookup(life => life.Slot);
        foreach (var life in Default.Value)
        {
            var next = bySlot[life.Slot].SkipWhile(other => other != life).Skip(1).FirstOrDefault();
            Assert.All(life.Failures.SkipLast(1), failure => Assert.Null(failure.ReplacedBy));
            if (life.Failures is [.., { ReplacedBy: { } by } last])
            {
                Assert.Equal(last.Hour, life.RemovedHour);
                Assert.Equal(next?.Uuid ?? by, by);
            }

            Assert.Equal(
                life.IsRemovalPlanned || life.Failures is [.., { ReplacedBy: not null }],
                life.RemovedHour < double.PositiveInfinity
            );
            Assert.True(next is null || next.InstalledHour > life.RemovedHour);
        }

        Assert.Equal(Default.Value.Count, Default.Value.Select(life => life.Uuid).Distinct().Count());
    }

    [Fact]
    public void A_failure_leaves_its_xids_and_remapped_rows_and_applications_leave_theirs()
    {
        var failed = Default.Value.Where(life => life.Failures.Any(failure => failure.Mode == FailureMode.MemoryGradual)).ToList();
        Assert.All(
            failed,
            life =>
            {
                var failure = life.Failures.First(f => f.Mode == FailureMode.MemoryGradual);
                Assert.StartsWith("XID 48", failure.Evidence, StringComparison.Ordinal);
                Assert.Contains(life.Xids, xid => xid.Code == 48 && xid.Hour == failure.Hour);
                // The first stage may lie before the warm-up only if the course does; each of the six stages leaves rows.
                Assert.True(life.Xids.Where(xid => xid.Code == 63 && xid.Hour < failure.Hour).Sum(xid => xid.Count) >= 6);
                Assert.Contains(life.MemoryEvents, memory => memory.Hour == failure.Hour && memory.DramDbe == 1);
            }
        );
        var codes = Default.Value.SelectMany(life => life.Xids).ToLookup(xid => xid.Code, xid => xid.Count);
        Assert.True(codes[13].Sum() + codes[31].Sum() + codes[43].Sum() + codes[45].Sum() > 100 * codes[48].Sum());
    }

    [Fact]
    public void The_same_seed_gives_the_same_lives_on_any_number_of_threads_and_another_seed_others()
    {
        var simulator = new LifeSimulator(new LifeSettings { Gpus = 400 });
        var parallel = new string[400];
        _ = Parallel.For(0, 400, slot => parallel[399 - slot] = Describe(simulator, 399 - slot));

        Assert.Equal(Enumerable.Range(0, 400).Select(slot => Describe(simulator, slot)), parallel);
        Assert.NotEqual(Describe(new LifeSimulator(new LifeSettings { Gpus = 400, Seed = 2 }), 7), parallel[7]);
    }

    [Fact]
    public void The_first_gpus_are_those_of_the_simulation_in_seconds()
    {
        var fleet = new SimulatedFleet(64, 5, Pages.StartMs);
        var simulator = new LifeSimulator(new LifeSettings { Gpus = 64, Seed = 5 });

        foreach (var life in Enumerable.Range(0, 64).SelectMany(simulator.Lives).Where(life => life.Number == 0))
        {
            var gpu = fleet.Gpus[life.Slot];
            Assert.Equal((gpu.Uuid, gpu.Host, gpu.IndexOnHost, gpu.Profile), (life.Uuid, life.Host, life.IndexOnHost, life.Profile));
        }
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new LifeSimulator(new LifeSettings { Gpus = 0 }));
        Assert.StartsWith("gpus = 0: must be from 1 to 100000", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["hours = 0: must be from 1 to 87600", "start = 1: must be a full hour in Unix milliseconds"],
            new LifeSettings { Hours = 0, StartMs = 1 }.Validate()
        );
    }

    private static IReadOnlyList<GpuLife> Lives(LifeSettings settings)
    {
        var simulator = new LifeSimulator(settings);
        return [.. Enumerable.Range(0, settings.Gpus).AsParallel().AsOrdered().SelectMany(simulator.Lives)];
    }

    private static double Rate(IEnumerable<GpuLife> lives)
    {
        var list = lives.ToList();
        return list.Sum(life => life.Failures.Count(failure => failure.Hour >= 0))
            / list.Sum(life => Math.Min(life.RemovedHour, 13_140) - Math.Max(life.InstalledHour, 0));
    }

    private static string Describe(LifeSimulator simulator, int slot) =>
        string.Join(
            '\n',
            simulator
                .Lives(slot)
                .Select(life =>
                    $"{life.Uuid} {life.Batch.Name} {life.Frailty:r} {life.InstalledHour:r} {life.RemovedHour:r} "
                    + $"{string.Join(' ', life.Failures)} {string.Join(' ', life.Xids)}"
                )
        );
}
