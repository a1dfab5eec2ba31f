using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>
/// An alert that is open now, with what applies to it now: its incident, the silence that covers it and its acknowledgement. These are
/// null where they do not apply, and where they are not known.
/// </summary>
public sealed record OpenAlert : IAlert
{
    /// <inheritdoc/>
    public required AlertId AlertId { get; init; }

    /// <inheritdoc/>
    public required string Rule { get; init; }

    /// <inheritdoc/>
    public required GpuId Gpu { get; init; }

    /// <inheritdoc/>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Sample time at which the alert opened, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <inheritdoc/>
    public required AlertLabels Labels { get; init; }

    /// <summary>One sentence for a person; empty when only the GPU's kept state is known, which does not contain it.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Id of its incident.</summary>
    public string? IncidentId { get; init; }

    /// <summary>Id of the silence or maintenance that covers it.</summary>
    public string? SilencedBy { get; init; }

    /// <summary>When that silence ends, Unix milliseconds.</summary>
    public long? SilencedUntilMs { get; init; }

    /// <summary>Who has acknowledged it.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>When it was acknowledged, Unix milliseconds.</summary>
    public long? AcknowledgedAtMs { get; init; }

    /// <summary>The comment of the acknowledgement; may be empty.</summary>
    public string? AcknowledgedComment { get; init; }

    /// <summary>The open alert that a firing transition shows, without what applies to it.</summary>
    public static OpenAlert Of(AlertTransition firing)
    {
        ArgumentNullException.ThrowIfNull(firing);
        return new OpenAlert
        {
            AlertId = firing.AlertId,
            Rule = firing.Rule,
            Gpu = firing.Gpu,
            Severity = firing.Severity,
            OpenedAtMs = firing.OpenedAtMs,
            Labels = firing.Labels,
            Summary = firing.Summary,
        };
    }
}
