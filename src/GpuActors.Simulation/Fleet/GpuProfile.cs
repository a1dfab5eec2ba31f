namespace GpuActors.Simulation.Fleet;

/// <summary>How a simulated GPU behaves over its life.</summary>
/// <param name="Name">Name.</param>
/// <param name="BaseTemperatureCelsius">Temperature under full load.</param>
/// <param name="AgeMonths">Age, which adds heat and corrected errors.</param>
/// <param name="Degradation">Share of its first performance that is left, 0 to 1.</param>
/// <param name="PowerFactor">Power under load, relative to a healthy one.</param>
/// <param name="TemperatureNoise">How far temperature wanders, in degrees.</param>
/// <param name="SbePerHour">Corrected memory errors an hour.</param>
/// <param name="MeanLoad">Load to which it returns, 0 to 1.</param>
/// <param name="Intermittent">Whether load comes and goes in blocks.</param>
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
    /// <summary>The profiles, in the order in which a fleet takes them.</summary>
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
