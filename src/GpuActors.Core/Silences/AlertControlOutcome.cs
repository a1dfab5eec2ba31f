namespace GpuActors.Core.Silences;

/// <summary>What a command came to.</summary>
/// <param name="Problem">Why it was refused, with value and remedy; null when it was carried out.</param>
/// <param name="IsMissing">Whether it was refused because what it names does not exist.</param>
public sealed record AlertControlOutcome(string? Problem = null, bool IsMissing = false)
{
    /// <summary>It was carried out, or there was nothing to do.</summary>
    public static AlertControlOutcome Done { get; } = new();
}
