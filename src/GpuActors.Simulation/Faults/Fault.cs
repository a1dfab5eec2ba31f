namespace GpuActors.Simulation.Faults;

/// <summary>A simulated fault of one GPU.</summary>
/// <param name="Id">Number of the fault in its fleet, from 1.</param>
/// <param name="Gpu">Index of the GPU in the fleet, from 0.</param>
/// <param name="Kind">Kind of fault.</param>
/// <param name="FromMs">Start, inclusive, in Unix milliseconds.</param>
/// <param name="UntilMs">End, exclusive, in Unix milliseconds.</param>
/// <param name="Value">Amount, for kinds that have one; null for the kind's default.</param>
public sealed record Fault(int Id, int Gpu, FaultKind Kind, long FromMs, long UntilMs, double? Value)
{
    /// <summary>True if the fault is active at <paramref name="timeMs"/>, in Unix milliseconds.</summary>
    public bool IsActive(long timeMs) => timeMs >= FromMs && timeMs < UntilMs;
}
