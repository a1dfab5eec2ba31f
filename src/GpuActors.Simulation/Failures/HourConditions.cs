namespace GpuActors.Simulation.Failures;

/// <summary>What makes an hour of a GPU differ from an undisturbed one of a healthy GPU, and what it adds to the counters.</summary>
internal struct HourConditions
{
    /// <summary>Share of the hour with samples.</summary>
    public float Present;

    /// <summary>Rise of the temperature of the air, in °C.</summary>
    public float Air;

    /// <summary>Factor of the temperature above that of the idle GPU.</summary>
    public float Resistance;

    /// <summary>Factor of the power above the idle power.</summary>
    public float Power;

    /// <summary>Additional standard deviation of the power, in watts.</summary>
    public float PowerDeviation;

    /// <summary>Factor of clock and activity.</summary>
    public float Clock;

    /// <summary>Seconds of power brake.</summary>
    public float BrakeSeconds;

    public int Sbe,
        PcieReplays,
        NvlinkCrc,
        NvlinkReplays,
        NvlinkRecoveries;

    /// <summary>Conditions of an undisturbed hour.</summary>
    public static HourConditions Undisturbed =>
        new()
        {
            Present = 1,
            Resistance = 1,
            Power = 1,
            Clock = 1,
        };
}
