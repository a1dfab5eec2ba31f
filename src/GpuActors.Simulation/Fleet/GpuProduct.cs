namespace GpuActors.Simulation.Fleet;

/// <summary>What the GPUs of one product have in common: limits, links, and the fields that their exporter has no value for.</summary>
/// <param name="Key">Name in the configuration.</param>
/// <param name="Model">Product name in the exporter's labels.</param>
public sealed record GpuProduct(string Key, string Model)
{
    /// <summary>Driver version in the exporter's labels.</summary>
    public string Driver { get; init; } = "550.127.08";

    /// <summary>Power limit in watts.</summary>
    public double PowerLimitWatts { get; init; } = 700;

    /// <summary>Power without load, in watts.</summary>
    public double IdleWatts { get; init; } = 75;

    /// <summary>Framebuffer in MiB, with the reserved part.</summary>
    public double MemoryMebibytes { get; init; } = 81_559;

    /// <summary>Highest SM clock in MHz.</summary>
    public int MaxClock { get; init; } = 1980;

    /// <summary>Memory clock in MHz.</summary>
    public int MemoryClock { get; init; } = 2619;

    /// <summary>Highest operating temperature in °C.</summary>
    public double MaxOperatingCelsius { get; init; } = 87;

    /// <summary>Temperature at which the hardware slows down, in °C.</summary>
    public double SlowdownCelsius { get; init; } = 89;

    /// <summary>Temperature at which the hardware shuts down, in °C.</summary>
    public double ShutdownCelsius { get; init; } = 92;

    /// <summary>Number of NVLink links, 0 to 18.</summary>
    public int Links { get; init; } = 18;

    /// <summary>PCIe generation.</summary>
    public int PcieGeneration { get; init; } = 5;

    /// <summary>Whether the device reports its thermal margin (field 153).</summary>
    public bool HasMargin { get; init; } = true;

    /// <summary>Whether the memory is HBM, whose temperature is reported.</summary>
    public bool HasMemoryTemperature { get; init; } = true;

    /// <summary>Whether the device remaps rows. Older ones retire pages.</summary>
    public bool RemapsRows { get; init; } = true;

    /// <summary>The default product.</summary>
    public static GpuProduct H100 { get; } = new("h100", "NVIDIA H100 80GB HBM3");

    /// <summary>
    /// All products. Power, memory, links and clocks are those of NVIDIA's data sheets; temperatures are those that devices report, or are
    /// assumed as in <c>hocon/gpu-models.conf</c>.
    /// </summary>
    public static IReadOnlyList<GpuProduct> All { get; } =
    [
        H100,
        new("a100", "NVIDIA A100-SXM4-80GB")
        {
            Driver = "535.183.06",
            PowerLimitWatts = 400,
            IdleWatts = 60,
            MemoryMebibytes = 81_920,
            MaxClock = 1410,
            MemoryClock = 1593,
            MaxOperatingCelsius = 85,
            Links = 12,
            PcieGeneration = 4,
            HasMargin = false,
        },
        new("h200", "NVIDIA H200") { MemoryMebibytes = 143_771, MemoryClock = 3201 },
        new("b200", "NVIDIA B200")
        {
            Driver = "570.133.20",
            PowerLimitWatts = 1000,
            IdleWatts = 140,
            MemoryMebibytes = 183_359,
            MaxClock = 1965,
            MemoryClock = 3996,
        },
        new("gb200", "NVIDIA GB200")
        {
            Driver = "570.133.20",
            PowerLimitWatts = 1200,
            IdleWatts = 150,
            MemoryMebibytes = 189_471,
            MaxClock = 2062,
            MemoryClock = 3996,
            MaxOperatingCelsius = 85,
            SlowdownCelsius = 87,
            ShutdownCelsius = 90,
        },
        new("l40s", "NVIDIA L40S")
        {
            PowerLimitWatts = 350,
            IdleWatts = 35,
            MemoryMebibytes = 46_068,
            MaxClock = 2520,
            MemoryClock = 9001,
            Links = 0,
            PcieGeneration = 4,
            HasMemoryTemperature = false,
        },
        new("t4", "Tesla T4")
        {
            Driver = "535.183.06",
            PowerLimitWatts = 70,
            IdleWatts = 10,
            MemoryMebibytes = 15_360,
            MaxClock = 1590,
            MemoryClock = 5001,
            MaxOperatingCelsius = 85,
            SlowdownCelsius = 93,
            ShutdownCelsius = 96,
            Links = 0,
            PcieGeneration = 3,
            HasMargin = false,
            HasMemoryTemperature = false,
            RemapsRows = false,
        },
    ];
}
