using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>
/// One change of one alert, as it is published to <c>gpu-alerts</c>: a fact, which says nothing about who is told. Everything in it except
/// <see cref="DetectedAtMs"/> follows from the log, so a replay yields the same record. A text that is longer than
/// its limit (<see cref="TextLimits"/>) is cut.
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
    public required string Rule
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Name);
    }

    /// <inheritdoc/>
    public required GpuId Gpu { get; init; }

    /// <summary>One sentence for a person.</summary>
    public required string Summary
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Summary);
    }

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
    public required string Action
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Name);
    }

    /// <summary>Anchor in the runbook.</summary>
    public required string Runbook
    {
        get;
        init => field = TextLimits.Cut(value, TextLimits.Runbook);
    }

    /// <inheritdoc/>
    public required AlertLabels Labels { get; init; }

    /// <summary>How often <see cref="Shortened"/> can be called before nothing is left to leave out.</summary>
    public const int MostShortenings = 3;

    /// <summary>
    /// The same transition with less text, for a broker that refuses it for its size. Id, GPU, rule, severity, state and times stay.
    /// </summary>
    /// <param name="times">1: texts and labels of at most 128 characters; 2: of the labels only host and index, texts of at most 64;
    /// <see cref="MostShortenings"/>: no labels and a summary of at most 32.</param>
    public AlertTransition Shortened(int times) =>
        times switch
        {
            <= 0 => this,
            1 => this with
            {
                Summary = TextLimits.Cut(Summary, 128),
                Labels = AlertLabels.From(Labels.All.Select(label => KeyValuePair.Create(label.Key, TextLimits.Cut(label.Value, 128)))),
            },
            2 => this with
            {
                Summary = TextLimits.Cut(Summary, 64),
                Labels = AlertLabels.From(
                    Labels
                        .All.Where(label => label.Key is AlertLabelNames.Host or AlertLabelNames.GpuIndex)
                        .Select(label => KeyValuePair.Create(label.Key, TextLimits.Cut(label.Value, 64)))
                ),
            },
            _ => this with { Summary = TextLimits.Cut(Summary, 32), Labels = AlertLabels.None, Runbook = "" },
        };

    /// <summary>Detection minus append, in milliseconds, never negative.</summary>
    public long LatencyMs => Math.Max(0, DetectedAtMs - IngestedAtMs);
}
