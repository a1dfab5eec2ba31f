namespace GpuActors.Host.Doctor;

/// <summary>What <c>gpuactors doctor --json</c> prints.</summary>
/// <param name="Ok">No check failed.</param>
/// <param name="Checks">Every check, in order.</param>
internal sealed record DoctorReport(bool Ok, IReadOnlyList<DoctorReport.Check> Checks)
{
    /// <summary>One check.</summary>
    /// <param name="Name">What was looked at.</param>
    /// <param name="Status">ok, warn or fail.</param>
    /// <param name="Detail">What was found.</param>
    /// <param name="Remedy">What to do; empty where nothing is to be done.</param>
    internal sealed record Check(string Name, string Status, string Detail, string Remedy);
}
