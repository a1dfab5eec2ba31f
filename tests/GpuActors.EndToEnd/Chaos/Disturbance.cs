namespace GpuActors.EndToEnd.Chaos;

/// <summary>A disturbance of the system, and the period in which its effect on alerts is measured.</summary>
/// <param name="What">Description.</param>
/// <param name="FromMs">Start, in Unix milliseconds.</param>
internal sealed record Disturbance(string What, long FromMs)
{
    /// <summary>Description of the undisturbed time before the first disturbance, with which the others are compared.</summary>
    public const string Nothing = "Undisturbed";

    /// <summary>End, in Unix milliseconds; <see cref="long.MaxValue"/> until it is set.</summary>
    public long UntilMs { get; set; } = long.MaxValue;
}
