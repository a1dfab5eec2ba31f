namespace GpuActors.Simulation.Faults;

/// <summary>
/// One hour of events that resemble faults but must not raise alerts: hosts that reboot one after the other and train their links,
/// thousands of application XIDs, idle GPUs, DCGM's blank sentinels and impossible values; and ten real faults, which must raise one alert
/// each.
/// </summary>
public static class NoisyHour
{
    /// <summary>Minimum number of GPUs in the fleet; the ten real faults use indexes below it.</summary>
    public const int MinGpus = 32;

    /// <summary>Duration.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromHours(1);

    /// <summary>Creates the noise for a fleet of <paramref name="gpus"/> GPUs. The same seed gives the same noise.</summary>
    public static IReadOnlyList<FaultRequest> Noise(int gpus, int seed)
    {
        var random = new Random(seed);
        var noise = new List<FaultRequest>();
        var hosts = Math.Max(1, gpus / 8);
        for (var host = 0; host < hosts; host++)
        {
            // The exporter is down while the host boots. Afterwards the counters start from zero and the links train.
            var at = 300 + (3000 * host / hosts);
            for (var gpu = host * 8; gpu < Math.Min(gpus, (host + 1) * 8); gpu++)
            {
                noise.Add(At(gpu, FaultKind.ExporterDown, at, 90));
                noise.Add(At(gpu, FaultKind.Reboot, at + 89, 1));
            }
        }

        for (var gpu = 0; gpu < gpus; gpu++)
        {
            if (gpu % 4 == 1)
            {
                noise.Add(At(gpu, FaultKind.Idle, 60 + random.Next(600), 1800));
            }

            for (var i = 0; i < 6; i++)
            {
                noise.Add(
                    At(gpu, random.Next(2) == 0 ? FaultKind.Garbage : FaultKind.Sentinel, 30 + random.Next(3500), 1 + random.Next(2))
                );
            }
        }

        noise.Add(At(1, FaultKind.XidStorm, 10, 3580));
        noise.Add(At(9, FaultKind.XidStorm, 700, 1800));
        return noise;
    }

    /// <summary>Ten real faults, each with the rule of the only alert that it must raise.</summary>
    public static IReadOnlyList<(FaultRequest Fault, string Rule)> RealFaults { get; } =
    [
        (At(0, FaultKind.PowerBrake, 1000, 60), "power_brake"),
        (At(2, FaultKind.HwThermal, 1500, 120), "hw_thermal"),
        (At(3, FaultKind.Dbe, 2000, 1), "ecc_dbe"),
        (At(4, FaultKind.Xid, 2500, 1, 79), "xid"),
        (At(10, FaultKind.Vanish, 600, 120), "gpu_lost"),
        (At(11, FaultKind.SbeStorm, 1800, 60), "ecc_sbe_rate"),
        (At(18, FaultKind.PcieReplays, 2600, 30), "pcie_replay"),
        (At(19, FaultKind.NvlinkReplays, 1200, 5), "nvlink_errors"),
        (At(20, FaultKind.RemapFailure, 800, 1), "row_remap_failure"),
        (At(26, FaultKind.Frozen, 1000, 300), "telemetry_frozen"),
    ];

    /// <summary>A fault of one GPU, by the second of the hour at which it starts.</summary>
    public static FaultRequest At(int gpu, FaultKind kind, double second, double seconds, double? value = null) =>
        new()
        {
            Gpu = gpu.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Kind = kind,
            AtSeconds = second,
            DurationSeconds = seconds,
            Value = value,
        };
}
