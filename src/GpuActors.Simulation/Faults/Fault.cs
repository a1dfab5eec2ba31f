namespace GpuActors.Simulation.Faults;

/// <summary>A fault of one GPU.</summary>
/// <param name="Id">Number of the fault in its fleet.</param>
/// <param name="Gpu">Index of the GPU in the fleet.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="FromMs">First moment, Unix milliseconds.</param>
/// <param name="UntilMs">First moment after it, Unix milliseconds.</param>
/// <param name="Value">How much of it, where the kind has an amount; null for its default.</param>
public sealed record Fault(int Id, int Gpu, FaultKind Kind, long FromMs, long UntilMs, double? Value)
{
    /// <summary>True while it lasts.</summary>
    public bool IsActive(long timeMs) => timeMs >= FromMs && timeMs < UntilMs;
}
