namespace GpuActors.Simulation.Fleet;

/// <summary>The long-term behaviour of a simulated GPU.</summary>
/// <param name="Name">Name of the profile.</param>
/// <param name="BaseTemperatureCelsius">Temperature under full load, in degrees Celsius.</param>
/// <param name="AgeMonths">Age in months. It determines the energy counter and the corrected errors so far.</param>
/// <param name="Degradation">Remaining share of the original performance, 0 to 1.</param>
/// <param name="PowerFactor">Power under load, relative to a healthy GPU.</param>
/// <param name="TemperatureNoise">Scale of the random variation of the temperature, in degrees Celsius.</param>
/// <param name="SbePerHour">Corrected memory errors per hour.</param>
/// <param name="MeanLoad">Mean load, 0 to 1.</param>
/// <param name="Intermittent">Whether the load alternates between blocks of work and idle blocks.</param>
/// <param name="MemoryShare">Share of memory in use under load, 0 to 1.</param>
public sealed record GpuProfile(
    string Name,
    double BaseTemperatureCelsius,
    int AgeMonths,
    double Degradation,
    double PowerFactor = 1,
    double TemperatureNoise = 0.5,
    double SbePerHour = 0,
    double MeanLoad = 0.75,
    bool Intermittent = false,
    double MemoryShare = 0.6
)
{
    /// <summary>All profiles. A fleet assigns them to its GPUs in this order, repeatedly.</summary>
    public static IReadOnlyList<GpuProfile> All { get; } =
    [
        new("healthy", 65, 6, 0.98),
        new("high_temp", 72, 18, 0.94, TemperatureNoise: 1),
        new("power_hungry", 68, 12, 0.96, PowerFactor: 1.12, MeanLoad: 0.9),
        new("aging", 70, 36, 0.85, SbePerHour: 2),
        new("excellent", 60, 1, 1.0),
        new("unstable_temp", 67, 14, 0.95, TemperatureNoise: 4),
        new("power_efficient", 62, 8, 0.99, PowerFactor: 0.85),
        new("memory_stress", 66, 20, 0.93, SbePerHour: 5, MemoryShare: 0.95),
        new("intermittent_load", 64, 10, 0.97, MeanLoad: 0.5, Intermittent: true),
        new("early_warning", 69, 24, 0.9, TemperatureNoise: 2, SbePerHour: 8),
    ];
}
