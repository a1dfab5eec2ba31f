namespace GpuActors.Core.Rules;

/// <summary>Names of the rules, as alerts carry them.</summary>
public static class RuleIds
{
    /// <summary>Hardware thermal slowdown.</summary>
    public const string HwThermal = "hw_thermal";

    /// <summary>Power brake slowdown.</summary>
    public const string PowerBrake = "power_brake";

    /// <summary>Software thermal slowdown, sustained.</summary>
    public const string SwThermal = "sw_thermal";

    /// <summary>Double-bit ECC error.</summary>
    public const string EccDbe = "ecc_dbe";

    /// <summary>Rate of single-bit ECC errors.</summary>
    public const string EccSbeRate = "ecc_sbe_rate";

    /// <summary>XID error.</summary>
    public const string Xid = "xid";

    /// <summary>GPU not heard of.</summary>
    public const string GpuSilent = "gpu_silent";
}
