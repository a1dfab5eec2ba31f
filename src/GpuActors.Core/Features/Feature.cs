namespace GpuActors.Core.Features;

/// <summary>A feature of a GPU: an input of the models. Its value is NaN where what it is computed from is missing.</summary>
/// <param name="Name">Name, in lower case with underscores.</param>
/// <param name="Unit">Unit, such as <c>°C</c>; empty for a number without one.</param>
/// <param name="Window">What it looks back on, such as <c>7 d</c>; <c>now</c> is the newest sample, <c>life</c> all that is known.</param>
/// <param name="Definition">How it is computed, in one sentence without a full stop, and what missing means where that is not
/// plain.</param>
public sealed record Feature(string Name, string Unit, string Window, string Definition)
{
    /// <summary>Computes the value from the telemetry of the GPU; null for a feature that compares it with others of its host.</summary>
    internal Func<FeatureView, double>? Value { get; init; }

    /// <summary>The feature that is compared with the median of the other GPUs of the host; null for one of a single GPU.</summary>
    internal string? ComparedWithPeers { get; init; }
}
