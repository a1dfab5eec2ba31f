namespace GpuActors.EndToEnd.Chaos;

/// <summary>Something that was done to the system, and until when its effect on alerts is looked for.</summary>
/// <param name="What">In words.</param>
/// <param name="FromMs">When, Unix milliseconds.</param>
internal sealed record Disturbance(string What, long FromMs)
{
    /// <summary>The time before the first disturbance, which the others are compared with.</summary>
    public const string Nothing = "Undisturbed";

    /// <summary>When it was over; as long as nobody says so, it goes on.</summary>
    public long UntilMs { get; set; } = long.MaxValue;
}
