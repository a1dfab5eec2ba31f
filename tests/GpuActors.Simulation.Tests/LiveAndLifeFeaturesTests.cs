using GpuActors.Core.Features;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Simulation.Failures;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Tests;

/// <summary>
/// Healthy GPUs that are simulated by the second and applied to live states have the units and magnitudes of the fast-forward simulation,
/// with which models are trained.
/// </summary>
public sealed class LiveAndLifeFeaturesTests
{
    private const int Hours = 30;
    private const int Lives = 200;

    [Fact]
    public void Live_hours_of_healthy_GPUs_have_the_magnitudes_of_fast_forward()
    {
        var (live, life) = (Live(), Life());
        HourlyValue[] sameSize =
        [
            HourlyValue.GpuTempMean,
            HourlyValue.GpuTempMax,
            HourlyValue.MemoryTempMean,
            HourlyValue.MemoryTempMax,
            HourlyValue.PowerMean,
            HourlyValue.PowerMax,
            HourlyValue.PowerDeviation,
            HourlyValue.UtilizationMean,
            HourlyValue.SmClockMean,
            HourlyValue.SmActiveMean,
        ];
        Assert.All(sameSize, value => Assert.InRange(live[value] / life[value], 0.4, 2.5));
        // Healthy GPUs differ much in throttled time and errors, but never by the factor of a unit.
        Assert.InRange(live[HourlyValue.PowerCapSeconds], 0, 3600);
        Assert.InRange(life[HourlyValue.PowerCapSeconds], 0, 3600);
        Assert.All(
            [HourlyValue.SwThermalSeconds, HourlyValue.HwThermalSeconds, HourlyValue.PowerBrakeSeconds, HourlyValue.DbeErrors],
            value => Assert.InRange(live[value] - life[value], -60, 60)
        );
    }

    // Means over GPUs and hours.
    private static Dictionary<HourlyValue, double> Live()
    {
        const int StepMs = 10_000;
        var registry = new GpuRegistry();
        var fleet = new SimulatedFleet(8, 1, Pages.StartMs);
        var states = fleet.Gpus.ToDictionary(gpu => gpu.Uuid, gpu => new GpuState(GpuId.Parse(gpu.Uuid)));
        var (sample, rules) = (new GpuSample(), new RuleSettings());
        for (var now = Pages.StartMs + StepMs; now < Pages.StartMs + (Hours * FeatureInput.HourMs); now += StepMs)
        {
            _ = fleet.Read(
                now,
                null,
                shown =>
                {
                    foreach (var gpu in shown)
                    {
                        sample.Clear();
                        gpu.Values.CopyTo(sample.Values);
                        sample.Gpu = registry.Intern(GpuId.Parse(gpu.Uuid));
                        (sample.TimeMs, sample.AppendTimeMs, sample.Offset) = (now, now, now);
                        Assert.True(states[gpu.Uuid].Apply(sample, rules, []));
                    }
                }
            );
        }

        var (means, input) = (new Means(), new FeatureInput());
        foreach (var state in states.Values)
        {
            state.FillFeatures(input, Pages.StartMs + (Hours * FeatureInput.HourMs));
            means.Add(input);
        }

        return means.All;
    }

    private static Dictionary<HourlyValue, double> Life()
    {
        const int Cut = 1000;
        var simulator = new LifeSimulator(new LifeSettings { Gpus = Lives, Hours = 2000 });
        var features = new LifeFeatures(simulator);
        var (means, input) = (new Means(), new FeatureInput());
        foreach (var gpu in Enumerable.Range(0, Lives).SelectMany(simulator.Lives))
        {
            if (gpu.IsInService(Cut) && gpu.InstalledHour < Cut - 1 && gpu.Courses.All(course => course.StageAt(Cut) == 0))
            {
                features.Fill(gpu, Cut, input);
                means.Add(input);
            }
        }

        return means.All;
    }

    private sealed class Means
    {
        private readonly Dictionary<HourlyValue, (double Sum, int Count)> _sums = [];

        public Dictionary<HourlyValue, double> All => _sums.ToDictionary(sum => sum.Key, sum => sum.Value.Sum / sum.Value.Count);

        public void Add(FeatureInput input)
        {
            foreach (var value in Enum.GetValues<HourlyValue>())
            {
                foreach (var hour in input[value])
                {
                    var (sum, count) = _sums.GetValueOrDefault(value);
                    _sums[value] = float.IsNaN(hour) ? (sum, count) : (sum + hour, count + 1);
                }
            }
        }
    }
}
