namespace GpuActors.Core.Features;

/// <summary>What is known of a GPU besides its telemetry, at the time of the features. NaN where it is unknown.</summary>
public readonly record struct AssetFacts()
{
    /// <summary>Nothing is known.</summary>
    public static readonly AssetFacts Unknown = new();

    /// <summary>Months of 730 hours since the GPU went into service, 0 or more.</summary>
    public float AgeMonths { get; init; } = float.NaN;

    /// <summary>Height in the rack, 0 (bottom) to 1 (top).</summary>
    public float RackHeight { get; init; } = float.NaN;

    /// <summary>Failures of the GPU that <c>gpu_failures</c> has, 0 or more.</summary>
    public float Failures { get; init; } = float.NaN;

    /// <summary>Days since the last of them; NaN also if there was none.</summary>
    public float DaysSinceFailure { get; init; } = float.NaN;

    /// <summary>Failures per GPU and year of the GPUs of its production batch, up to the time of the features.</summary>
    public float BatchFailuresPerYear { get; init; } = float.NaN;
}
