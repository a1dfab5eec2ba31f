namespace GpuActors.Core.Histories;

/// <summary>A failure that happened: a row of <c>gpu_failures</c>. GPU, time, event and location identify it.</summary>
/// <param name="Gpu">UUID, or the serial number by which the source names the GPU.</param>
/// <param name="TimeMs">Unix milliseconds.</param>
/// <param name="Event">What failed, in the words of the source.</param>
/// <param name="Location">Where the GPU was, in the words of the source; empty if unknown.</param>
/// <param name="Source">Who says so, such as <c>history</c> for an imported log.</param>
public sealed record GpuFailure(string Gpu, long TimeMs, string Event, string Location, string Source)
{
    /// <summary>The classes of failures.</summary>
    public static IReadOnlyList<string> Types { get; } = ["thermal", "memory", "power", "interconnect", "aging", "other"];

    /// <summary>One of <see cref="Types"/>; null if nobody has said it.</summary>
    public string? Type { get; init; }

    /// <summary>What the source knows besides, as the text of a JSON object; null if nothing.</summary>
    public string? Evidence { get; init; }

    /// <summary>The GPU that came to the location next; null if none did, if the same one stayed or went back, or if unknown.</summary>
    public string? ReplacedBy { get; init; }
}
