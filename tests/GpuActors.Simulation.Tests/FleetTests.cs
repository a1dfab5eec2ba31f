using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Metrics;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>The default fleet and its physical model.</summary>
public sealed class FleetTests
{
    [Fact]
    public void Ten_gpus_have_one_profile_each_in_two_datacenters()
    {
        var fleet = new Pages().Fleet;
        Assert.Equal(
            [
                "healthy",
                "high_temp",
                "power_hungry",
                "aging",
                "excellent",
                "unstable_temp",
                "power_efficient",
                "memory_stress",
                "intermittent_load",
                "early_warning",
            ],
            fleet.Gpus.Select(g => g.Profile.Name)
        );
        Assert.Equal(["DC-EAST-01", "UK-SOUTH-01"], fleet.Hosts.Select(h => h.Datacenter));
        Assert.All(GpuProfile.All, p => Assert.InRange(p.BaseTemperatureCelsius, 60, 72));
        Assert.All(GpuProfile.All, p => Assert.InRange(p.AgeMonths, 1, 36));
        Assert.All(GpuProfile.All, p => Assert.InRange(p.Degradation, 0.85, 1.0));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(17, 3)]
    [InlineData(1000, 125)]
    public void A_fleet_of_any_size_has_at_most_eight_gpus_per_host(int gpus, int hosts)
    {
        var fleet = new SimulatedFleet(gpus, 1, Pages.StartMs);
        Assert.Equal(hosts, fleet.Hosts.Count);
        Assert.Equal(gpus, fleet.Gpus.Select(g => g.Uuid).Distinct().Count());
        foreach (var host in fleet.Gpus.GroupBy(g => g.Host))
        {
            Assert.InRange(host.Count(), 1, 8);
            Assert.Equal(Enumerable.Range(0, host.Count()), host.Select(g => g.IndexOnHost));
            Assert.Equal(host.Count(), host.Select(g => g.PciBusId).Distinct().Count());
        }
    }

    [Fact]
    public void Counters_never_decrease_for_any_time_steps() =>
        Prop.ForAll(
                Gen.ArrayOf(Gen.Choose(0, 900_000), 20).ToArbitrary(),
                Gen.Choose(0, 1000).ToArbitrary(),
                (stepsMs, seed) =>
                {
                    var pages = new Pages(10, seed);
                    var counters = MetricCatalog.All.Where(m => m.Kind == MetricKind.Counter).ToList();
                    var before = pages.ReadAt(0);
                    var now = 0.0;
                    foreach (var step in stepsMs)
                    {
                        now += step / 1000.0;
                        var after = pages.ReadAt(now);
                        foreach (var (gpu, values) in after)
                        {
                            Assert.All(counters, c => Assert.False(values[(int)c.Metric] < before[gpu][(int)c.Metric], c.Name));
                        }

                        before = after;
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(10));

    [Fact]
    public void Temperature_has_inertia_and_approaches_that_of_the_profile()
    {
        var pages = new Pages();
        var before = pages.ReadAt(0);
        for (var second = 1; second <= 600; second++)
        {
            var after = pages.ReadAt(second);
            foreach (var (gpu, values) in after)
            {
                Assert.InRange(values[(int)Metric.GpuTemp] - before[gpu][(int)Metric.GpuTemp], -4, 4);
            }

            before = after;
        }

        foreach (var gpu in pages.Fleet.Gpus.Where(g => !g.Profile.Intermittent))
        {
            Assert.InRange(
                before[gpu.Uuid][(int)Metric.GpuTemp],
                gpu.Profile.BaseTemperatureCelsius - 22,
                gpu.Profile.BaseTemperatureCelsius + 6
            );
        }
    }

    [Fact]
    public void Load_varies_over_minutes_and_the_intermittent_gpu_becomes_idle()
    {
        var pages = new Pages();
        var busy = new HashSet<double>();
        var masks = new HashSet<double>();
        for (var second = 0; second < 600; second += 5)
        {
            var page = pages.ReadAt(second);
            _ = busy.Add(page[pages.Fleet.Gpus[0].Uuid][(int)Metric.GpuUtilization]);
            _ = masks.Add(page[pages.Fleet.Gpus[8].Uuid][(int)Metric.ThrottleReasons]);
        }

        Assert.True(busy.Count > 10);
        Assert.Contains(0x1, masks); // Idle is a throttle reason too, which rules must not treat as a fault.
    }
}
