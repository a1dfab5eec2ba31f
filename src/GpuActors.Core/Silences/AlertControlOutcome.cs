namespace GpuActors.Core.Silences;

/// <summary>What a command comes to: a fact, a problem, or neither when there is nothing to do.</summary>
/// <param name="Event">The fact to keep; null when nothing changes.</param>
/// <param name="Problem">Why the command is refused, with value and remedy; null when it is not.</param>
/// <param name="IsMissing">Whether it is refused because what it names does not exist.</param>
public sealed record AlertControlOutcome(AlertControlEvent? Event, string? Problem = null, bool IsMissing = false);
