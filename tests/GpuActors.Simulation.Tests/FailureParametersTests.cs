using GpuActors.Simulation.Failures;

namespace GpuActors.Simulation.Tests;

/// <summary>Ranges and defaults of the parameters of failures.</summary>
public sealed class FailureParametersTests
{
    [Fact]
    public void The_defaults_are_valid_and_have_every_mode_and_every_type()
    {
        var parameters = new FailureParameters();

        Assert.Empty(parameters.Validate());
        Assert.Equal(Enum.GetValues<FailureMode>(), parameters.Modes.Select(mode => mode.Mode).Order());
        Assert.Equal(Enum.GetValues<FailureType>(), parameters.Modes.Select(mode => mode.Type).Distinct().Order());
    }

    [Fact]
    public void The_constant_rates_and_the_mean_of_wear_out_sum_to_the_published_rate()
    {
        // Llama 3: 268 failures of GPUs in 21.23 million GPU-hours. Wear-out at the mean square of the ages of a default fleet over 18
        // months.
        var parameters = new FailureParameters();
        var constant = parameters.Modes.Where(mode => mode.WearOutShape <= 1).Sum(mode => mode.PerGpuHour);
        var squareMonths = (36.0 * 36 / 12) + (18.0 * 18 / 12) + (27 * 27);
        var wearOut = parameters.Find(FailureMode.Aging)!.PerGpuHour * squareMonths / (36 * 36);

        Assert.InRange(constant + wearOut, 0.95 * 268 / 21.23e6, 1.05 * 268 / 21.23e6);
    }

    [Fact]
    public void Values_out_of_range_are_refused_with_key_value_and_range()
    {
        var parameters = new FailureParameters
        {
            Modes =
            [
                new(FailureMode.GspHang, FailureType.Other, 0.1, 2),
                new(FailureMode.GspHang, FailureType.Other, double.NaN, 0) { Stages = 21, FailingShare = 0 },
            ],
            Batches = [new("A", 0.4, 1), new("B", 0.4, 0.5)],
            Speeds = [],
            ImmuneHours = 100,
            FrailtyShape = double.NaN,
            Site = new() { IdleShare = 1.5, DaysBetweenReboots = double.NaN },
        };

        Assert.Equal(
            [
                "modes = GspHang: must be listed once",
                "GspHang: per-gpu-hour = 0.1: must be from 0 to 0.001",
                "GspHang: replaced = 2: must be from 0 to 1",
                "GspHang: per-gpu-hour = NaN: must be from 0 to 0.001",
                "GspHang: stages = 21: must be from 0 (sudden) to 20",
                "GspHang: failing-share = 0: must be above 0 and at most 1",
                "idle-share = 1.5: must be from 0 to 1",
                "days-between-reboots = NaN: must be from 0.1 to Infinity",
                "batch B: share = 0.4, multiplier = 0.5: must be above 0 and at most 1, and from 1 to 100",
                "batches = 0.8: the shares must sum to 1",
                "speeds = 0: the shares must sum to 1",
                "frailty-shape = NaN: must be from 0.2 to 1000",
                "immune-hours = 100: must be from 2160 to 1000000",
            ],
            parameters.Validate()
        );
    }
}
