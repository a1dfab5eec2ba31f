namespace GpuActors.Core.Silences;

/// <summary>All acknowledgements and silences as data.</summary>
/// <param name="Acknowledgements">Of open alerts, and of those that resolved in the last days.</param>
/// <param name="Silences">To come, in force, and ended in the last days.</param>
public sealed record AlertControlSnapshot(IReadOnlyList<Acknowledgement> Acknowledgements, IReadOnlyList<Silence> Silences)
{
    /// <summary>Nothing.</summary>
    public static AlertControlSnapshot Empty { get; } = new([], []);
}
