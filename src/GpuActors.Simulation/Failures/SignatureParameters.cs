namespace GpuActors.Simulation.Failures;

/// <summary>
/// What the telemetry shows of a course, at severity 1; severity rises from 0 to 1 with the stages. That corrected errors, CRC errors,
/// replays, °C per watt and throttle bits show these modes is in the sources of <see cref="FailureParameters"/>; all amounts are
/// assumptions. Each is at least 0.
/// </summary>
public sealed record SignatureParameters
{
    /// <summary>Corrected errors per hour of decaying HBM, with the power 1.5 of the severity. Default 40.</summary>
    public double MemorySbePerHour { get; init; } = 40;

    /// <summary>Relative rise of °C above the idle temperature at equal power. Default 0.5.</summary>
    public double ThermalResistanceRise { get; init; } = 0.5;

    /// <summary>CRC errors per hour of a decaying NVLink, with the square of the severity. Default 400.</summary>
    public double NvlinkCrcPerHour { get; init; } = 400;

    /// <summary>Replays per hour of a decaying NVLink, with the square of the severity. Default 8.</summary>
    public double NvlinkReplaysPerHour { get; init; } = 8;

    /// <summary>Recoveries per hour of a decaying NVLink, with the cube of the severity. Default 2.</summary>
    public double NvlinkRecoveriesPerHour { get; init; } = 2;

    /// <summary>Replays per hour of a decaying PCIe link, with the square of the severity. Default 60.</summary>
    public double PcieReplaysPerHour { get; init; } = 60;

    /// <summary>Additional standard deviation of the power of decaying voltage regulators, in watts. Default 40.</summary>
    public double PowerStageWatts { get; init; } = 40;

    /// <summary>Seconds of power brake per hour of decaying voltage regulators, with the square of the severity. Default 120.</summary>
    public double PowerStageBrakeSeconds { get; init; } = 120;

    /// <summary>Relative loss of clock and activity of a worn-out GPU at equal load, below 1. Default 0.07.</summary>
    public double AgingClockLoss { get; init; } = 0.07;

    /// <summary>Relative rise of the power above the idle power of a worn-out GPU. Default 0.08.</summary>
    public double AgingPowerRise { get; init; } = 0.08;

    /// <summary>Corrected errors per hour of a worn-out GPU. Default 2.</summary>
    public double AgingSbePerHour { get; init; } = 2;

    internal IEnumerable<string> Validate()
    {
        (string Key, double Value, double To)[] values =
        [
            ("memory-sbe-per-hour", MemorySbePerHour, 1e5),
            ("thermal-resistance-rise", ThermalResistanceRise, 5),
            ("nvlink-crc-per-hour", NvlinkCrcPerHour, 1e5),
            ("nvlink-replays-per-hour", NvlinkReplaysPerHour, 1e5),
            ("nvlink-recoveries-per-hour", NvlinkRecoveriesPerHour, 1e5),
            ("pcie-replays-per-hour", PcieReplaysPerHour, 1e5),
            ("power-stage-watts", PowerStageWatts, 500),
            ("power-stage-brake-seconds", PowerStageBrakeSeconds, 3600),
            ("aging-clock-loss", AgingClockLoss, 0.99),
            ("aging-power-rise", AgingPowerRise, 1),
            ("aging-sbe-per-hour", AgingSbePerHour, 1e5),
        ];
        return values
            .Where(value => !(value.Value >= 0 && value.Value <= value.To))
            .Select(value => $"{value.Key} = {value.Value}: must be from 0 to {value.To}");
    }
}
