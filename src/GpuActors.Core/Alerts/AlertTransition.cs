using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>
/// One change of one alert, as it is published to <c>gpu-alerts</c>: a fact, which says nothing about who is told. Everything in it except
/// <see cref="DetectedAtMs"/> follows from the log, so a replay yields the same record.
/// </summary>
public sealed record AlertTransition : IAlert
{
    /// <summary>Deterministic (<see cref="AlertId.Of"/>): a replay yields the same id.</summary>
    public required AlertId AlertId { get; init; }

    /// <summary>Number of this transition within the alert, from 1.</summary>
    public required int Seq { get; init; }

    /// <summary>Identifies this transition: of two records with one id, the second is a repetition.</summary>
    public TransitionId Id => new(AlertId, Seq);

    /// <summary>Firing or resolved.</summary>
    public required AlertState State { get; init; }

    /// <inheritdoc/>
    public required AlertSeverity Severity { get; init; }

    /// <inheritdoc/>
    public required string Rule { get; init; }

    /// <inheritdoc/>
    public required GpuId Gpu { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Summary { get; init; }

    /// <summary>The value that the rule compared; NaN when the rule has none.</summary>
    public required double Value { get; init; }

    /// <summary>The threshold that the value was compared with; NaN when the rule has none.</summary>
    public required double Threshold { get; init; }

    /// <summary>Time of the sample at which the alert opened, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>Time of the sample that caused this transition, Unix milliseconds.</summary>
    public required long SourceTimeMs { get; init; }

    /// <summary>When Kafka appended that sample, Unix milliseconds: one clock for all hosts.</summary>
    public required long IngestedAtMs { get; init; }

    /// <summary>When the engine processed the sample, Unix milliseconds; set by the GPU's actor, 0 in the core.</summary>
    public long DetectedAtMs { get; init; }

    /// <summary>Recommended action, from the vocabulary of <c>xid-policy.conf</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Anchor in the runbook.</summary>
    public required string Runbook { get; init; }

    /// <inheritdoc/>
    public required AlertLabels Labels { get; init; }

    /// <summary>Detection minus append, in milliseconds, never negative.</summary>
    public long LatencyMs => Math.Max(0, DetectedAtMs - IngestedAtMs);
}
