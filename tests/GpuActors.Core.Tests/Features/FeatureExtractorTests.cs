using GpuActors.Core.Features;
using GpuActors.Core.Metrics;

namespace GpuActors.Core.Tests.Features;

public sealed class FeatureExtractorTests
{
    private const long Hour = FeatureInput.HourMs;
    private const long Now = 490_000 * Hour;
    private readonly FeatureExtractor _extractor = new();
    private readonly FeatureInput _input = new();

    [Fact]
    public void There_are_at_least_45_features_with_names_of_their_own()
    {
        Assert.True(FeatureCatalog.All.Length >= 45);
        Assert.Equal(FeatureCatalog.Names.Length, FeatureCatalog.Names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(FeatureCatalog.Names, name => Assert.Matches("^[a-z][a-z0-9_]*$", name));
        Assert.All(FeatureCatalog.All, feature => Assert.DoesNotContain('|', feature.Definition));
        Assert.All(FeatureCatalog.All, feature => Assert.True(feature.Value is null != feature.ComparedWithPeers is null, feature.Name));
    }

    [Fact]
    public void The_names_of_the_replaced_system_are_kept() =>
        Assert.Empty(
            new[]
            {
                "avg_temp_7d",
                "max_temp_7d",
                "temp_stddev",
                "temp_variance",
                "avg_power_7d",
                "max_power_7d",
                "power_variance",
                "ecc_sbe_rate",
                "ecc_dbe_total",
                "throttle_event_count",
                "gpu_age_months",
                "degradation_factor",
                "power_efficiency",
            }.Except(FeatureCatalog.Names, StringComparer.Ordinal)
        );

    [Fact]
    public void Without_telemetry_only_the_gap_and_what_is_counted_over_the_life_are_known()
    {
        _input.Clear(Now);
        var vector = Extract();
        var known = FeatureCatalog.Names.Where((_, i) => !float.IsNaN(vector[i]));
        Assert.Equal(["memory_xids_life", "interconnect_xids_life", "other_xids_life", "gap_fraction"], known);
        Assert.Equal(1, vector[FeatureCatalog.IndexOf("gap_fraction")]);
    }

    [Fact]
    public void Features_are_what_their_definitions_say()
    {
        _input.Clear(Now);
        Fill(HourlyValue.GpuTempMean, i => i < 144 ? 60 : 66);
        Fill(HourlyValue.GpuTempDeviation, _ => 2);
        Fill(HourlyValue.GpuTempMax, i => i == 3 ? 80 : 70);
        Fill(HourlyValue.PowerMean, i => i < 168 - 24 ? 400 : 400);
        Fill(HourlyValue.UtilizationMean, _ => 80);
        Fill(HourlyValue.SmActiveMean, _ => 0.6f);
        Fill(HourlyValue.SmClockMean, i => i < 144 ? 1980 : 1782);
        Fill(HourlyValue.SbeErrors, i => i < 144 ? 0 : 3);
        Fill(HourlyValue.DbeErrors, i => i == 100 ? 1 : 0);
        Fill(HourlyValue.HwThermalSeconds, i => i is 5 or 167 ? 30 : 0);
        Fill(HourlyValue.SwThermalSeconds, _ => 0);
        Fill(HourlyValue.PowerBrakeSeconds, _ => 0);
        Fill(HourlyValue.MemoryXids, i => i == 160 ? 2 : 0);
        _input[Metric.EccDbeAggregate] = 7;
        _input[Metric.BankRemapAvailNone] = 1;
        _input[Metric.BankRemapAvailLow] = 2;
        _input[Metric.BankRemapAvailPartial] = 3;
        _input[Metric.BankRemapAvailHigh] = 4;
        _input.AddXids(48, 3, Now - (12 * Hour));
        _input.AddXids(31, 9, Now);
        _input.AddXids(119, 1, Now + 1); // Not yet.
        _input.Facts = new AssetFacts { AgeMonths = 12, Failures = 2 };

        var vector = Extract();
        Assert.Equal(66, Of("avg_temp_24h"));
        Assert.Equal((144 * 60f + 24 * 66) / 168, Of("avg_temp_7d"), 1e-4f);
        Assert.Equal((70, 80), (Of("max_temp_24h"), Of("max_temp_7d")));
        Assert.Equal(2, Of("temp_stddev_24h"), 1e-5f);
        Assert.Equal(Of("temp_stddev") * Of("temp_stddev"), Of("temp_variance"), 1e-3f);
        Assert.Equal(1.1f, Of("degradation_factor"), 1e-5f);
        Assert.Equal(0.165f, Of("celsius_per_watt_24h"), 1e-5f);
        Assert.Equal(0.2f, Of("power_efficiency"), 1e-6f);
        Assert.Equal(0.9f, Of("clock_droop"), 1e-5f);
        Assert.Equal(float.NaN, Of("thermal_resistance")); // The power does not vary.
        Assert.Equal((3, 72f / 168), (Of("ecc_sbe_rate_24h"), Of("ecc_sbe_rate")));
        Assert.Equal(Math.Log(4), Of("ecc_sbe_growth"), 1e-5);
        Assert.True(Of("ecc_sbe_trend") > 0 && Of("ecc_sbe_trend_p") < 1e-6);
        Assert.Equal((7, 1, 68), (Of("ecc_dbe_total"), Of("ecc_dbe_7d"), Of("hours_since_dbe")));
        Assert.Equal((30, 60, 2), (Of("hw_thermal_seconds_24h"), Of("hw_thermal_seconds_7d"), Of("throttle_event_count")));
        Assert.Equal((10, 3, 1), (Of("banks_used"), Of("banks_low"), Of("banks_exhausted")));
        Assert.Equal((2, 3, 0.5f), (Of("memory_xids_24h"), Of("memory_xids_life"), Of("days_since_memory_xid")));
        Assert.Equal((0, float.NaN), (Of("other_xids_life"), Of("nvlink_crc_rate_24h")));
        Assert.Equal((12, 2, float.NaN), (Of("gpu_age_months"), Of("failures"), Of("rack_height")));
        Assert.Equal(0, Of("gap_fraction"));

        float Of(string name) => vector[FeatureCatalog.IndexOf(name)];
    }

    [Fact]
    public void A_GPU_is_compared_with_the_median_of_the_others_of_its_host()
    {
        var (count, temp, peer) = (
            FeatureExtractor.Count,
            FeatureCatalog.IndexOf("avg_temp_24h"),
            FeatureCatalog.IndexOf("peer_avg_temp_24h")
        );
        var host = new float[5 * count];
        Array.Fill(host, float.NaN);
        (host[temp], host[count + temp], host[(2 * count) + temp], host[(3 * count) + temp]) = (60, 62, 64, 81);

        _extractor.Compare(host);

        Assert.Equal([-4f, -2, 2, 19], Enumerable.Range(0, 4).Select(gpu => host[(gpu * count) + peer]));
        Assert.Equal(float.NaN, host[(4 * count) + peer]); // It has no temperature.
        var pair = host[..(3 * count)];
        _extractor.Compare(pair);
        Assert.Equal(float.NaN, pair[peer]); // Two others are too few.
    }

    [Fact]
    public void A_vector_does_not_depend_on_the_one_before()
    {
        _input.Clear(Now);
        Fill(HourlyValue.GpuTempMean, i => 60 + (i % 7));
        Fill(HourlyValue.PowerMean, i => 400 + (i % 11));
        Fill(HourlyValue.UtilizationMean, i => i % 3 * 40);
        var vector = Extract();
        var input = new FeatureInput();
        var other = new FeatureExtractor();
        input.Clear(Now - 1);
        other.Extract(input, new float[FeatureExtractor.Count]);
        var again = new float[FeatureExtractor.Count];
        other.Extract(_input, again);
        Assert.Equal(vector, again);
    }

    [Fact]
    public void The_documented_table_is_the_catalogue()
    {
        var path = Path.Combine(Repository(), FeatureDocument.Path);
        if (Environment.GetEnvironmentVariable("GPUACTORS_UPDATE_FILES") == "1")
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, FeatureDocument.ReadMe());
        }

        Assert.Equal(FeatureDocument.ReadMe(), File.ReadAllText(path));
    }

    private void Fill(HourlyValue value, Func<int, float> at)
    {
        for (var i = 0; i < FeatureInput.Hours; i++)
        {
            _input[value][i] = at(i);
        }
    }

    private float[] Extract()
    {
        var vector = new float[FeatureExtractor.Count];
        _extractor.Extract(_input, vector);
        return vector;
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "GpuActors.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
