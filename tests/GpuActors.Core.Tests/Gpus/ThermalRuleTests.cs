using GpuActors.Core.Metrics;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>Heat, by the device's own limits and else by the product's.</summary>
public sealed class ThermalRuleTests
{
    [Theory]
    [InlineData(89, "2 gpu_temp_critical firing")] // Field 158 of an H100.
    [InlineData(88, "32 gpu_temp_high firing")] // Field 152 is 87.
    [InlineData(87, null)]
    public void The_devices_own_limits_count(double celsius, string? story) =>
        Assert.Equal(story is null ? [] : [story], Hot(celsius, 60, (Metric.GpuTempSlowdown, 89), (Metric.GpuTempMaxOp, 87)).Story);

    [Theory]
    [InlineData("NVIDIA A100-SXM4-80GB", 86, "32 gpu_temp_high firing")]
    [InlineData("NVIDIA A100-SXM4-80GB", 85, null)]
    [InlineData("NVIDIA H100 80GB HBM3", 87, null)]
    [InlineData("NVIDIA H100 80GB HBM3", 88, "32 gpu_temp_high firing")]
    [InlineData("NVIDIA H100 80GB HBM3", 89, "2 gpu_temp_critical firing")]
    [InlineData("NVIDIA GB200", 87, "2 gpu_temp_critical firing")]
    [InlineData("A product of the future", 86, "32 gpu_temp_high firing")]
    public void A_device_without_limits_is_held_against_its_products(string model, double celsius, string? story) =>
        Assert.Equal(story is null ? [] : [story], Hot(model, celsius, 60).Story);

    [Fact]
    public void A_margin_below_the_products_offset_is_critical_near_the_limit() =>
        Assert.Equal(
            ["2 gpu_temp_critical firing"],
            Hot(86, 60, (Metric.GpuTempMargin, -3), (Metric.GpuTempSlowdown, 92), (Metric.GpuTempMaxOp, 95)).Story
        );

    // Some H100s return a margin of 0 or less now and then.
    [Theory]
    [InlineData(-3, 45)]
    [InlineData(-2, 86)]
    public void A_spurious_margin_of_a_cool_h100_is_ignored(double margin, double celsius) =>
        Assert.Empty(Hot(celsius, 60, (Metric.GpuTempMargin, margin), (Metric.GpuTempSlowdown, 92), (Metric.GpuTempMaxOp, 95)).Story);

    [Fact]
    public void Heat_that_the_hardware_already_reports_is_one_alert() =>
        Assert.Equal(["2 hw_thermal firing"], Hot(95, 120, (Metric.ThrottleReasons, 0x48), (Metric.MemoryTemp, 105)).Story);

    // The bit comes and goes too often for hw_thermal: then the temperature must tell.
    [Fact]
    public void A_hot_gpu_whose_thermal_bit_flickers_fires_by_its_temperature()
    {
        var gpu = new GpuTimeline();
        for (var second = 0; second < 60; second++)
        {
            _ = gpu.At(second, (Metric.GpuTemp, 95), (Metric.ThrottleReasons, second % 3 == 2 ? 0 : 0x48));
        }

        Assert.Equal(["2 gpu_temp_critical firing"], gpu.Story);
    }

    [Fact]
    public void A_limit_that_is_assumed_says_so()
    {
        Assert.Contains("slowdown at 89 °C (assumed", Hot("NVIDIA H100 80GB HBM3", 90, 5).Transitions[0].Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("assumed", Hot(93, 5, (Metric.GpuTempSlowdown, 92)).Transitions[0].Summary, StringComparison.Ordinal);
    }

    // HBM can throttle with the core at 60 °C.
    [Theory]
    [InlineData(96, "32 memory_temp_high firing")]
    [InlineData(95, null)]
    public void Hot_memory_under_a_cool_core_fires(double celsius, string? story) =>
        Assert.Equal(story is null ? [] : [story], Hot(60, 60, (Metric.MemoryTemp, celsius), (Metric.MemoryTempMaxOp, 95)).Story);

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.9, false)]
    [InlineData(1.2, true)]
    public void A_rise_from_day_to_day_is_seen_through_daily_waves(double perDay, bool fires)
    {
        var gpu = Days(7, hour => 55 + (perDay * hour / 24) + (6 * Math.Sin(2 * Math.PI * hour / 24)), _ => 400);
        Assert.Equal(fires, gpu.Story.Any(s => s.Contains("temp_trend firing", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_warming_window_shows_no_trend() => Assert.Empty(Days(2.9, hour => 40 + hour, _ => 400).Story);

    [Fact]
    public void More_degrees_at_the_same_power_are_seen_through_changing_load()
    {
        static double Watts(double hour) => 300 + (150 * Math.Sin(hour));
        static double Cooling(double hour, double extra) => 30 + (0.07 * Watts(hour)) + extra;
        Assert.Empty(Days(6, hour => Cooling(hour, 0), Watts).Story);

        var creeping = Days(6, hour => Cooling(hour, hour > 110 ? 8 : 0), Watts);
        Assert.Contains(creeping.Story, s => s.Contains("thermal_resistance firing", StringComparison.Ordinal));
        Assert.InRange(creeping.Transitions.Single(t => t.Rule == "thermal_resistance").Value, 6, 8.1);
    }

    [Fact]
    public void More_degrees_for_more_power_are_no_creep() =>
        Assert.DoesNotContain(
            Days(6, hour => 30 + (0.07 * (hour > 110 ? 650 : 300 + hour)), hour => hour > 110 ? 650 : 300 + hour).Story,
            s => s.Contains("thermal_resistance", StringComparison.Ordinal)
        );

    private static GpuTimeline Hot(double celsius, int seconds, params (Metric, double)[] more) =>
        Hot(Given.Info.Model, celsius, seconds, more);

    private static GpuTimeline Hot(string model, double celsius, int seconds, params (Metric, double)[] more)
    {
        var gpu = new GpuTimeline { Info = Given.Info with { Model = model } };
        for (var second = 0; second < seconds; second++)
        {
            _ = gpu.At(second, [(Metric.GpuTemp, celsius), .. more]);
        }

        return gpu;
    }

    private static GpuTimeline Days(double days, Func<double, double> celsius, Func<double, double> watts)
    {
        var gpu = new GpuTimeline();
        for (var hour = 0.0; hour < days * 24; hour += 0.25)
        {
            _ = gpu.At(
                hour * 3600,
                (Metric.GpuTemp, celsius(hour)),
                (Metric.PowerUsage, watts(hour)),
                (Metric.GpuTempMaxOp, 140),
                (Metric.GpuTempSlowdown, 145)
            );
        }

        return gpu;
    }
}
