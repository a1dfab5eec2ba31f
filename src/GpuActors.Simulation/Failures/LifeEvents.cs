namespace GpuActors.Simulation.Failures;

/// <summary>XIDs of one code that a GPU reported within an hour.</summary>
/// <param name="Hour">Time of the first, in hours since the start of the simulation.</param>
/// <param name="Code">The XID.</param>
/// <param name="Count">Their number, at least 1.</param>
public readonly record struct XidOccurrence(double Hour, int Code, int Count);

/// <summary>A span of time, in hours since the start of the simulation.</summary>
/// <param name="From">Start, inclusive.</param>
/// <param name="To">End, exclusive.</param>
public readonly record struct HourSpan(double From, double To)
{
    /// <summary>Share of the hour that begins at <paramref name="hour"/> which lies in the span, 0 to 1.</summary>
    public double ShareOf(int hour) => Math.Clamp(Math.Min(To, hour + 1) - Math.Max(From, hour), 0, 1);
}

/// <summary>What a memory fault adds to the counters.</summary>
/// <param name="Hour">Time in hours since the start of the simulation.</param>
/// <param name="CorrectableRows">Rows remapped for corrected errors.</param>
/// <param name="UncorrectableRows">Rows remapped for uncorrectable errors.</param>
/// <param name="DramDbe">Uncorrectable errors of the DRAM.</param>
/// <param name="SramDbe">Uncorrectable errors of the SRAM.</param>
public readonly record struct MemoryEvent(double Hour, int CorrectableRows, int UncorrectableRows, int DramDbe, int SramDbe);

/// <summary>A failure: the label of a training row, and a row of <c>gpu_failures</c>.</summary>
/// <param name="Hour">Time in hours since the start of the simulation.</param>
/// <param name="TimeMs">Time in Unix milliseconds.</param>
/// <param name="Gpu">UUID of the GPU.</param>
/// <param name="Type">Type.</param>
/// <param name="Mode">Mode.</param>
/// <param name="Evidence">What an operator saw of it, such as <c>XID 48 95</c>.</param>
/// <param name="ReplacedBy">UUID of the GPU that took its place; null if a reset ended the failure.</param>
public sealed record GpuFailure(
    double Hour,
    long TimeMs,
    string Gpu,
    FailureType Type,
    FailureMode Mode,
    string Evidence,
    string? ReplacedBy
);
