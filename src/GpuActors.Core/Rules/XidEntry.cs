using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>The consequences of an XID.</summary>
/// <param name="Severity">Urgency; null raises no alert.</param>
/// <param name="Action">Recommended action.</param>
/// <param name="Summary">What the code means, in a few words.</param>
public sealed record XidEntry(AlertSeverity? Severity, string Action, string Summary)
{
    /// <summary>
    /// Whether its alert stays open until there is evidence of repair: a driver reload, or a gauge that is set back. Otherwise it resolves
    /// when the code has not come for a while. Default: what is critical.
    /// </summary>
    public bool StaysOpen { get; init; } = Severity == AlertSeverity.Critical;

    /// <summary>Whether applications cause it. It raises no alert by itself, but has a rule of its own when it recurs on one GPU.</summary>
    public bool Application { get; init; }

    /// <summary>The code whose alert this one ends (162 ends 163); 0 for none.</summary>
    public int Ends { get; init; }
}
