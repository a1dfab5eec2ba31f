namespace GpuActors.Core.Rules;

/// <summary>
/// The rule on PCIe replays. Limits per lane and minute by generation: DCGM's health watch; Gen4 x16 allows 16 a minute, Gen5 x16 31.
/// </summary>
public sealed record PcieReplayRuleSettings : AlertRuleSettings
{
    /// <summary>Replays per lane and minute at 2.5 GT/s. Default 0.15.</summary>
    public double Gen1PerLane { get; init; } = 0.15;

    /// <summary>At 5 GT/s. Default 0.3.</summary>
    public double Gen2PerLane { get; init; } = 0.3;

    /// <summary>At 8 GT/s. Default 0.48.</summary>
    public double Gen3PerLane { get; init; } = 0.48;

    /// <summary>At 16 GT/s. Default 0.96.</summary>
    public double Gen4PerLane { get; init; } = 0.96;

    /// <summary>At 32 GT/s. Default 1.92.</summary>
    public double Gen5PerLane { get; init; } = 1.92;

    /// <summary>At 64 GT/s. Default 3.84.</summary>
    public double Gen6PerLane { get; init; } = 3.84;

    /// <summary>Replays a minute that a link may have.</summary>
    /// <param name="generation">1 to 6; a later one counts as 6.</param>
    /// <param name="lanes">Width of the link.</param>
    public double MaxPerMinute(int generation, int lanes) =>
        Math.Ceiling(
            lanes
                * generation switch
                {
                    <= 1 => Gen1PerLane,
                    2 => Gen2PerLane,
                    3 => Gen3PerLane,
                    4 => Gen4PerLane,
                    5 => Gen5PerLane,
                    _ => Gen6PerLane,
                }
        );

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                new[] { Gen1PerLane, Gen2PerLane, Gen3PerLane, Gen4PerLane, Gen5PerLane, Gen6PerLane }.All(x => x > 0)
                    ? []
                    : ["gen1-per-lane … gen6-per-lane: each must be above 0"]
            );
}
