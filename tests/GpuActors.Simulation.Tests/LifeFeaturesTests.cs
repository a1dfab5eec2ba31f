using GpuActors.Core.Features;
using GpuActors.Core.Metrics;
using GpuActors.Simulation.Failures;

namespace GpuActors.Simulation.Tests;

/// <summary>Features of simulated GPUs at a cut.</summary>
public sealed class LifeFeaturesTests
{
    private const int Cut = 4000;
    private static readonly LifeSimulator Simulator = new(new LifeSettings { Gpus = 4000, Hours = 8760 });

    private static readonly Lazy<IReadOnlyList<GpuLife>> Eventful = new(() =>
        [
            .. Enumerable
                .Range(0, Simulator.Settings.Gpus)
                .SelectMany(Simulator.Lives)
                .Where(life =>
                    life.Courses.Any(course => course.StageAt(Cut) > 0) || life.Xids.Any(xid => xid.Hour is > Cut - 168 and < Cut + 99)
                )
                .Where(life => life.IsInService(Cut) && life.InstalledHour < Cut - 1)
                .Take(120),
        ]
    );

    [Fact]
    public void Nothing_after_a_cut_changes_a_vector_and_a_peek_of_an_hour_does()
    {
        // In this world time ends at the cut.
        var ended = new LifeSimulator(Simulator.Settings with { Hours = Cut });
        var (features, endedFeatures) = (new LifeFeatures(Simulator), new LifeFeatures(ended));
        var peeks = 0;
        Assert.True(Eventful.Value.Count > 50);
        foreach (var life in Eventful.Value)
        {
            var same = ended.Lives(life.Slot).Single(other => other.Number == life.Number);
            var vector = Vector(features, life, Cut);
            Assert.Equal(Vector(endedFeatures, same, Cut), vector);
            peeks += Vector(features, life, Cut + 1).SequenceEqual(vector) ? 0 : 1;
        }

        Assert.Equal(Eventful.Value.Count, peeks);
    }

    [Fact]
    public void Counters_enter_by_their_increases_across_driver_reloads()
    {
        var (features, input, hours) = (new LifeFeatures(Simulator), new FeatureInput(), new LifeHours());
        foreach (var life in Eventful.Value)
        {
            features.Fill(life, Cut, input);
            Simulator.WriteHours(life, Cut - 169, Cut, hours);
            var errors = hours[HourColumn.SbeAggregate];
            var sum = 0f;
            foreach (var increase in input[HourlyValue.SbeErrors])
            {
                Assert.False(increase < 0);
                sum += float.IsNaN(increase) ? 0 : increase;
            }

            // The volatile counter loses what an hour counts before a reload of the driver; the aggregate one does not.
            if (!float.IsNaN(errors[0]) && !float.IsNaN(errors[^1]))
            {
                Assert.InRange(sum, 0, errors[^1] - errors[0] + 0.5f);
            }

            Assert.Equal(errors[^1], input[Metric.EccSbeAggregate]);
        }
    }

    [Fact]
    public void A_decaying_memory_shows_in_its_features()
    {
        var (features, rate, cuts) = (new LifeFeatures(Simulator), FeatureCatalog.IndexOf("ecc_sbe_rate_24h"), 0);
        foreach (var life in Enumerable.Range(0, 2000).SelectMany(Simulator.Lives))
        {
            foreach (var failure in life.Failures.Where(failure => failure.Mode == FailureMode.MemoryGradual && failure.Hour > 500))
            {
                Assert.True(Vector(features, life, (int)failure.Hour)[rate] > 3, life.Uuid);
                cuts++;
            }
        }

        Assert.True(cuts >= 10);
    }

    [Fact]
    public void A_young_GPU_and_the_begin_of_the_simulation_have_gaps()
    {
        var features = new LifeFeatures(Simulator);
        var life = Eventful.Value.First(life => life.InstalledHour < 0);
        Assert.Equal(144f / 168, Vector(features, life, 24)[FeatureCatalog.IndexOf("gap_fraction")], 1e-6f);
    }

    private static float[] Vector(LifeFeatures features, GpuLife life, int cut)
    {
        var input = new FeatureInput();
        features.Fill(life, cut, input);
        var vector = new float[FeatureExtractor.Count];
        new FeatureExtractor().Extract(input, vector);
        return vector;
    }
}
