namespace GpuActors.Simulation.Fleet;

/// <summary>
/// Load, power, temperature and clocks of a GPU, in steps of one second. Both the simulation in seconds and the fast-forward in hours take
/// them from here, so that they agree.
/// </summary>
internal struct GpuPhysics
{
    private const double IdleCelsius = 31;
    private const double ThermalInertiaSeconds = 20;

    public GpuPhysics(double load) => Load = load;

    /// <summary>Load, 0 to 1.</summary>
    public double Load { get; private set; }

    /// <summary>Temperature in °C.</summary>
    public double Celsius { get; private set; } = IdleCelsius;

    /// <summary>Power in watts.</summary>
    public double Watts { get; private set; }

    /// <summary>Throttle reasons.</summary>
    public int Mask { get; private set; }

    /// <summary>SM clock in MHz.</summary>
    public int Clock { get; private set; }

    /// <summary>Temperature of a GPU without load, in °C.</summary>
    public static double Ambient => IdleCelsius;

    /// <summary>Advances by one second.</summary>
    public void Step(
        ref DeterministicRandom random,
        long timeMs,
        int index,
        GpuProfile profile,
        GpuProduct product,
        in PhysicalFaults faults
    )
    {
        Load = faults.Idle ? 0 : NextLoad(ref random, timeMs, index, profile);
        Mask = MaskOf(profile, product, faults);
        var share = (Mask & 0x88) != 0 ? 0.5 : 1;
        var span = product.PowerLimitWatts - product.IdleWatts;
        Watts = Math.Clamp(
            product.IdleWatts + (span * Load * profile.PowerFactor * share) + (random.NextNormal() * 2),
            60,
            product.PowerLimitWatts + 5
        );
        var target = IdleCelsius + ((profile.BaseTemperatureCelsius - IdleCelsius) * (Watts - product.IdleWatts) / span);
        target += faults.SwThermal ? 18 : 0;
        target = faults.HwThermal ? product.SlowdownCelsius + 2 : target;
        Celsius += ((target - Celsius) / ThermalInertiaSeconds) + (random.NextNormal() * 0.05 * profile.TemperatureNoise);
        Celsius = Math.Clamp(Celsius, 20, 105);
        Clock = ClockOf(product);
    }

    // The load follows a daily wave, with bursts of three minutes, inertia and noise.
    private readonly double NextLoad(ref DeterministicRandom random, long timeMs, int index, GpuProfile profile)
    {
        var day = 0.15 * Math.Sin(2 * Math.PI * ((timeMs / 86_400_000.0) - 0.25));
        var burst = ((timeMs / 180_000) + index) % 5 == 0 ? 0.2 : 0;
        var target = profile.Intermittent && ((timeMs / 45_000) + index) % 2 == 0 ? 0.02 : profile.MeanLoad + day + burst;
        return Math.Clamp(Load + ((target - Load) * 0.2) + (random.NextNormal() * 0.02), 0, 1);
    }

    private readonly int MaskOf(GpuProfile profile, GpuProduct product, in PhysicalFaults faults)
    {
        var mask = Load < 0.05 ? 0x1 : 0;
        mask |=
            product.IdleWatts + ((product.PowerLimitWatts - product.IdleWatts) * Load * profile.PowerFactor)
            > product.PowerLimitWatts * 0.98
                ? 0x4
                : 0;
        mask |= faults.PowerBrake ? 0x88 : 0;
        mask |= faults.HwThermal || Celsius >= product.SlowdownCelsius ? 0x48 : 0;
        mask |= faults.SwThermal ? 0x20 : 0;
        return mask;
    }

    private readonly int ClockOf(GpuProduct product)
    {
        var clock = product.MaxClock * (Load < 0.05 ? 0.2 : 1);
        clock *=
            (Mask & 0xC8) != 0 ? 0.5
            : (Mask & 0x20) != 0 ? 0.8
            : (Mask & 0x4) != 0 ? 0.93
            : 1;
        return (int)(clock / 15) * 15;
    }
}
