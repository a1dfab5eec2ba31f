using GpuActors.Simulation.Failures;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>The hourly values of simulated lives.</summary>
public sealed class LifeHoursTests
{
    private const int Hours = 8760;
    private static readonly LifeSimulator Simulator = new(new LifeSettings { Gpus = 4000, Hours = Hours });
    private static readonly HourColumn[] Columns = Enum.GetValues<HourColumn>();

    private static readonly Lazy<IReadOnlyList<GpuLife>> Lives = new(() =>
        [.. Enumerable.Range(0, 4000).AsParallel().AsOrdered().SelectMany(Simulator.Lives)]
    );

    [Fact]
    public void Hours_are_the_same_in_whichever_range_they_are_asked_for()
    {
        var random = new Random(3);
        var (all, part) = (new LifeHours(), new LifeHours());
        foreach (var life in Eventful(40))
        {
            Simulator.WriteHours(life, 0, Hours, all);
            for (var n = 0; n < 8; n++)
            {
                var from = random.Next(Hours);
                var to = from + 1 + random.Next(Math.Min(200, Hours - from));
                Simulator.WriteHours(life, from, to, part);
                Assert.All(Columns, column => Assert.True(Same(all[column][from..to], part[column]), $"{column} {from}-{to}"));
            }
        }
    }

    [Fact]
    public void Hours_do_not_depend_on_what_happens_later()
    {
        var shorter = new LifeSimulator(Simulator.Settings with { Hours = 4000 });
        var (all, part) = (new LifeHours(), new LifeHours());
        foreach (var life in Eventful(60).Where(life => life.InstalledHour < 3999))
        {
            var same = shorter.Lives(life.Slot).Single(other => other.Number == life.Number);
            Simulator.WriteHours(life, 0, Hours, all);
            shorter.WriteHours(same, 0, 4000, part);
            Assert.All(Columns, column => Assert.True(Same(all[column][..4000], part[column]), $"{column} of {life.Uuid}"));
        }
    }

    [Fact]
    public void A_gpu_out_of_service_has_no_samples_and_no_values()
    {
        var hours = new LifeHours();
        foreach (var life in Eventful(30))
        {
            Simulator.WriteHours(life, 0, Hours, hours);
            for (var i = 0; i < Hours; i++)
            {
                var inService = Enumerable.Range(0, 60).Any(minute => life.IsInService(i + (minute / 60.0)));
                var samples = hours[HourColumn.Samples][i];
                Assert.InRange(samples, 0, inService ? 3600 : 0);
                Assert.Equal(samples == 0, float.IsNaN(hours[HourColumn.GpuTempMean][i]));
                Assert.Equal(samples == 0, float.IsNaN(hours[HourColumn.SbeAggregate][i]));
            }
        }
    }

    [Fact]
    public void Counters_of_the_whole_life_never_decrease_and_statistics_are_in_order()
    {
        var hours = new LifeHours();
        HourColumn[] counters =
        [
            HourColumn.SbeAggregate,
            HourColumn.DbeAggregate,
            HourColumn.SramDbeAggregate,
            HourColumn.CorrectableRows,
            HourColumn.UncorrectableRows,
        ];
        HourColumn[] gauges = [HourColumn.GpuTempMean, HourColumn.MemoryTempMean, HourColumn.PowerMean, HourColumn.UtilizationMean];
        foreach (var life in Eventful(20))
        {
            Simulator.WriteHours(life, 0, Hours, hours);
            foreach (var counter in counters)
            {
                var before = 0f;
                foreach (var value in hours[counter])
                {
                    Assert.False(value < before, $"{counter} of {life.Uuid}");
                    before = float.IsNaN(value) ? before : value;
                }
            }

            foreach (var mean in gauges)
            {
                for (var i = 0; i < Hours; i++)
                {
                    var (min, max) = (hours[mean + 2][i], hours[mean + 3][i]);
                    Assert.False(hours[mean][i] < min - 0.6 || hours[mean][i] > max + 0.6 || hours[mean + 1][i] < 0, $"{mean} in hour {i}");
                }
            }
        }
    }

    [Theory]
    [InlineData(FailureMode.MemoryGradual, HourColumn.SbeAggregate, 100, 3000)]
    [InlineData(FailureMode.NvlinkDecay, HourColumn.NvlinkCrc, 1000, 40_000)]
    [InlineData(FailureMode.PcieDecay, HourColumn.PcieReplays, 100, 5000)]
    [InlineData(FailureMode.ThermalInterface, HourColumn.GpuTempMean, 5, 30)]
    [InlineData(FailureMode.PowerStage, HourColumn.PowerDeviation, 3, 45)]
    [InlineData(FailureMode.Aging, HourColumn.SmClockMean, -150, -60)]
    public void A_gradual_failure_shows_in_its_last_two_days(FailureMode mode, HourColumn column, double from, double to)
    {
        // The median over all failures of the mode, of the change from the two days before the onset to the last two days. Counters: of the
        // increase. Medians over the hours of a window disregard idle hours and reboots.
        var changes = new List<double>();
        var hours = new LifeHours();
        foreach (var life in Lives.Value)
        {
            foreach (var course in life.Courses.Where(c => c.Mode.Mode == mode && c.Failed && c.StageHours[0] > 60 && c.EndHour < Hours))
            {
                Simulator.WriteHours(life, 0, Hours, hours);
                changes.Add(Level(hours[column], column, (int)course.EndHour) - Level(hours[column], column, (int)course.StageHours[0]));
            }
        }

        Assert.True(changes.Count >= 4, $"{changes.Count} failures");
        Assert.InRange(changes.Order().ElementAt(changes.Count / 2), from, to);
    }

    [Fact]
    public void A_frozen_hour_has_no_variation_and_no_progress()
    {
        var found = 0;
        var hours = new LifeHours();
        foreach (var life in Lives.Value.Where(life => life.InstalledHour < 0 && life.RemovedHour > Hours).Take(600))
        {
            foreach (var freeze in life.Incidents.Freezes.Where(f => f.To - f.From > 4 && f.To < Hours).Take(1))
            {
                Simulator.WriteHours(life, 0, Hours, hours);
                var i = (int)freeze.From + 2;
                if (hours[HourColumn.Samples][i] > 0)
                {
                    found++;
                    Assert.Equal(0, hours[HourColumn.PowerDeviation][i]);
                    Assert.Equal(hours[HourColumn.PowerMin][i], hours[HourColumn.PowerMax][i]);
                    Assert.Equal(hours[HourColumn.SbeAggregate][i - 1], hours[HourColumn.SbeAggregate][i]);
                }
            }
        }

        Assert.True(found > 20);
    }

    [Fact]
    public void A_product_has_no_values_of_sensors_and_links_that_it_lacks()
    {
        var t4 = GpuProduct.All.Single(product => product.Key == "t4");
        var simulator = new LifeSimulator(
            new LifeSettings
            {
                Gpus = 8,
                Hours = 100,
                Product = t4,
            }
        );
        var hours = new LifeHours();
        simulator.WriteHours(simulator.Lives(0)[0], 0, 100, hours);

        HourColumn[] missing = [HourColumn.MemoryTempMean, HourColumn.MarginMin, HourColumn.NvlinkCrc, HourColumn.BanksMax];
        Assert.All(missing, column => Assert.True(hours[column].ToArray().All(float.IsNaN), $"{column}"));
        Assert.Contains(hours[HourColumn.GpuTempMean].ToArray(), value => value > 40);
    }

    [Fact]
    public void A_range_outside_of_the_simulation_is_refused()
    {
        var life = Lives.Value[0];
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => Simulator.WriteHours(life, -1, 5, new LifeHours()));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => Simulator.WriteHours(life, 5, 5, new LifeHours()));
        _ = Assert.Throws<ArgumentOutOfRangeException>(() => Simulator.WriteHours(life, 5, Hours + 1, new LifeHours()));
    }

    private static IEnumerable<GpuLife> Eventful(int count) =>
        Lives.Value.Where(life => life.Courses.Count > 0 || life.Failures.Count > 0 || life.Number > 0).Take(count);

    private static bool Same(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(a[i]) != BitConverter.SingleToInt32Bits(b[i]))
            {
                return false;
            }
        }

        return a.Length == b.Length;
    }

    private static double Level(ReadOnlySpan<float> values, HourColumn column, int end)
    {
        var isCounter = column >= HourColumn.SbeVolatile;
        var window = new List<double>();
        for (var i = end - 48; i < end; i++)
        {
            var value = isCounter ? values[i] - values[i - 1] : values[i];
            if (!float.IsNaN(value) && !(isCounter && value < 0))
            {
                window.Add(value);
            }
        }

        return window.Order().ElementAt(window.Count / 2) * (isCounter ? window.Count : 1);
    }
}
