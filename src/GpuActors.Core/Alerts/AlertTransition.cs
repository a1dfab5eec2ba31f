using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>
/// One change of one alert, as it is published to <c>gpu-alerts</c>. Everything in it but <see cref="DetectedAtMs"/> follows from the log,
/// so that a replay yields the same record.
/// </summary>
public sealed record AlertTransition
{
    /// <summary>
    /// Deterministic function of GPU, rule (and its discriminator, such as the XID) and the time it opened: a replay yields the same id.
    /// </summary>
    public required string AlertId { get; init; }

    /// <summary>Number of this transition within the alert, from 1.</summary>
    public required int Seq { get; init; }

    /// <summary>Firing or resolved.</summary>
    public required AlertState State { get; init; }

    /// <summary>Urgency.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Id of the rule (<c>power_brake</c>).</summary>
    public required string Rule { get; init; }

    /// <summary>The GPU.</summary>
    public required GpuId Gpu { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Summary { get; init; }

    /// <summary>The value that decided; NaN when the rule has none.</summary>
    public required double Value { get; init; }

    /// <summary>The threshold it was held against; NaN when the rule has none.</summary>
    public required double Threshold { get; init; }

    /// <summary>Time of the sample at which the alert opened, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>Time of the sample that caused this transition, Unix milliseconds.</summary>
    public required long SourceTimeMs { get; init; }

    /// <summary>When Kafka appended that sample, Unix milliseconds.</summary>
    public required long IngestedAtMs { get; init; }

    /// <summary>When the engine saw it, Unix milliseconds; set by the actor's shell, 0 in the core.</summary>
    public long DetectedAtMs { get; init; }

    /// <summary>Recommended action, from the vocabulary of <c>xid-policy.conf</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Anchor in the runbook.</summary>
    public required string Runbook { get; init; }

    /// <summary>Host, index, model and driver of the GPU at the transition.</summary>
    public required GpuInfo Info { get; init; }

    /// <summary>Further labels (datacenter, rack, cluster, xid…), or null.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The incident that it belongs to; null when it had none when it was published.</summary>
    public string? IncidentId { get; init; }

    /// <summary>
    /// Whether somebody is to be paged for it: the first critical alert of an incident, or one that is alone. Null before the outbox has
    /// decided.
    /// </summary>
    public bool? Page { get; init; }

    /// <summary>The silence or maintenance that covered it when it was published; null for none.</summary>
    public string? SilencedBy { get; init; }

    /// <summary>Who had acknowledged it when it was published; null for nobody.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>Detection minus append, in milliseconds, never negative.</summary>
    public long LatencyMs => Math.Max(0, DetectedAtMs - IngestedAtMs);
}
