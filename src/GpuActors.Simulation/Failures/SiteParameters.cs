namespace GpuActors.Simulation.Failures;

/// <summary>
/// What happens to healthy GPUs too: temperature of the air, idle hours, reboots, outages of the telemetry, storms of application XIDs. All
/// of it makes failures harder to recognize; none of it changes a hazard.
/// </summary>
public sealed record SiteParameters
{
    /// <summary>
    /// Temperature of the air at the top of a rack above that at its bottom, in °C, 0 to 20. Default 6. An assumption: Titan reports
    /// the failures by height, not the temperatures.
    /// </summary>
    public double InletGradientCelsius { get; init; } = 6;

    /// <summary>Amplitude of the temperature of the air over the year, in °C, 0 to 10. Default 1.5. An assumption.</summary>
    public double SeasonCelsius { get; init; } = 1.5;

    /// <summary>Standard deviation of the thermal resistance of healthy GPUs, relative, 0 to 0.2. Default 0.03. An assumption.</summary>
    public double ResistanceSpread { get; init; } = 0.03;

    /// <summary>Share of the blocks of six hours in which a host has no job, 0 to 1. Default 0.06. An assumption.</summary>
    public double IdleShare { get; init; } = 0.06;

    /// <summary>
    /// Mean days between reboots of a host, above 0; infinity for none. Default 30. An assumption. A reboot takes ten minutes, resets the
    /// volatile counters and lets the links train for a minute.
    /// </summary>
    public double DaysBetweenReboots { get; init; } = 30;

    /// <summary>Mean days between outages of a host's exporter, above 0; infinity for none. Default 90. An assumption.</summary>
    public double DaysBetweenOutages { get; init; } = 90;

    /// <summary>Mean length of such an outage, in hours, above 0. Default 3. An assumption.</summary>
    public double OutageHours { get; init; } = 3;

    /// <summary>
    /// Mean days between times in which a host's telemetry is frozen (last values again and again), above 0; infinity for none. Default
    /// 365. An assumption; that it happens is in dcgm-exporter's issue 164.
    /// </summary>
    public double DaysBetweenFreezes { get; init; } = 365;

    /// <summary>Mean length of a freeze, in hours, above 0. Default 6. An assumption.</summary>
    public double FreezeHours { get; init; } = 6;

    /// <summary>Mean days between failures of a rack's cooling, above 0; infinity for none. Default 180. An assumption.</summary>
    public double DaysBetweenHotAir { get; init; } = 180;

    /// <summary>Mean length of a failure of the cooling, in hours, above 0. Default 12. An assumption.</summary>
    public double HotAirHours { get; init; } = 12;

    /// <summary>Rise of the temperature during a failure of the cooling, in °C, 0 to 40. Default 10. An assumption.</summary>
    public double HotAirCelsius { get; init; } = 10;

    /// <summary>
    /// Mean days between power brakes of a rack, above 0; infinity for none. Default 1500: rare, as in NVSentinel's issue 1666.
    /// </summary>
    public double DaysBetweenPowerBrakes { get; init; } = 1500;

    /// <summary>Length of a power brake, in hours, above 0. Default 36 (NVSentinel's issue 1666).</summary>
    public double PowerBrakeHours { get; init; } = 36;

    /// <summary>Share of the rack's GPUs that a power brake slows down, 0 to 1. Default 0.25 (2 GPUs per node, same source).</summary>
    public double PowerBrakeShare { get; init; } = 0.25;

    /// <summary>
    /// Mean days between storms of application XIDs (13, 31, 43, 45) on a host, above 0; infinity for none. Default 60. An assumption.
    /// </summary>
    public double DaysBetweenXidStorms { get; init; } = 60;

    /// <summary>
    /// XIDs of a storm per GPU, 1 to 100,000, within three hours. Default 125: 1,000 per node of eight GPUs, as in NVSentinel's reports.
    /// </summary>
    public int XidsPerStorm { get; init; } = 125;

    /// <summary>Single application XIDs per GPU-hour outside of storms, 0 to 1. Default 0.0005. An assumption.</summary>
    public double ApplicationXidsPerHour { get; init; } = 0.0005;

    /// <summary>
    /// Share of the samples that carry impossible values or sentinels, 0 to 0.01. The validator rejects them, so they only lower the number
    /// of samples. Default 1e-6: dcgm-exporter's issue 418.
    /// </summary>
    public double BadSampleShare { get; init; } = 1e-6;

    /// <summary>
    /// No disturbance at all: one temperature of the air, always a job, all GPUs of a profile alike. This is what the simulation at 1 Hz
    /// does without faults.
    /// </summary>
    public static SiteParameters Undisturbed { get; } =
        new()
        {
            InletGradientCelsius = 0,
            SeasonCelsius = 0,
            ResistanceSpread = 0,
            IdleShare = 0,
            DaysBetweenReboots = double.PositiveInfinity,
            DaysBetweenOutages = double.PositiveInfinity,
            DaysBetweenFreezes = double.PositiveInfinity,
            DaysBetweenHotAir = double.PositiveInfinity,
            DaysBetweenPowerBrakes = double.PositiveInfinity,
            DaysBetweenXidStorms = double.PositiveInfinity,
            ApplicationXidsPerHour = 0,
            BadSampleShare = 0,
        };

    internal IEnumerable<string> Validate()
    {
        (string Key, double Value, double From, double To)[] ranges =
        [
            ("inlet-gradient-celsius", InletGradientCelsius, 0, 20),
            ("season-celsius", SeasonCelsius, 0, 10),
            ("resistance-spread", ResistanceSpread, 0, 0.2),
            ("idle-share", IdleShare, 0, 1),
            ("days-between-reboots", DaysBetweenReboots, 0.1, double.PositiveInfinity),
            ("days-between-outages", DaysBetweenOutages, 0.1, double.PositiveInfinity),
            ("outage-hours", OutageHours, 0.01, 10_000),
            ("days-between-freezes", DaysBetweenFreezes, 0.1, double.PositiveInfinity),
            ("freeze-hours", FreezeHours, 0.01, 10_000),
            ("days-between-hot-air", DaysBetweenHotAir, 0.1, double.PositiveInfinity),
            ("hot-air-hours", HotAirHours, 0.01, 10_000),
            ("hot-air-celsius", HotAirCelsius, 0, 40),
            ("days-between-power-brakes", DaysBetweenPowerBrakes, 0.1, double.PositiveInfinity),
            ("power-brake-hours", PowerBrakeHours, 0.01, 10_000),
            ("power-brake-share", PowerBrakeShare, 0, 1),
            ("days-between-xid-storms", DaysBetweenXidStorms, 0.1, double.PositiveInfinity),
            ("xids-per-storm", XidsPerStorm, 1, 100_000),
            ("application-xids-per-hour", ApplicationXidsPerHour, 0, 1),
            ("bad-sample-share", BadSampleShare, 0, 0.01),
        ];
        return ranges
            .Where(range => !(range.Value >= range.From && range.Value <= range.To))
            .Select(range => $"{range.Key} = {range.Value}: must be from {range.From} to {range.To}");
    }
}
