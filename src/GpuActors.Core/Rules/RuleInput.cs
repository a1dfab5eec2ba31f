namespace GpuActors.Core.Rules;

/// <summary>What the condition of a rule is evaluated on.</summary>
public enum RuleInput : byte
{
    /// <summary>The samples of the GPU.</summary>
    Samples,

    /// <summary>XID and SXid codes, from samples and from the kernel log. The rule has an alert per code.</summary>
    ErrorCodes,

    /// <summary>The time since the last record of the GPU.</summary>
    Absence,

    /// <summary>Reports of collectors on the exporters that they scrape.</summary>
    Exporters,

    /// <summary>Comparison with the other GPUs of the host.</summary>
    Neighbours,

    /// <summary>Predictions of a model.</summary>
    Predictions,

    /// <summary>Openings of other alerts of the GPU. The rule has an alert per rule.</summary>
    Alerts,
}
