using GpuActors.Core.Alerts;

namespace GpuActors.Core.Incidents;

/// <summary>Rules whose alerts have a common cause when they are open at the same time in one place.</summary>
/// <param name="Name">Name of the cause, as incidents carry it.</param>
/// <param name="Rules">Ids of rules; an id that ends in <c>*</c> matches all ids with that prefix.</param>
/// <param name="Scopes">Places that the cause can have, the narrowest first: <c>gpu</c>, <c>host</c>, <c>rack</c>, <c>power_domain</c>,
/// <c>cluster</c>, <c>datacenter</c>.</param>
public sealed record IncidentCause(string Name, IReadOnlyList<string> Rules, IReadOnlyList<string> Scopes)
{
    /// <summary>Whether alerts of a rule have this cause.</summary>
    public bool Covers(string rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Rules.Any(own => own.EndsWith('*') ? rule.StartsWith(own[..^1], StringComparison.Ordinal) : rule == own);
    }

    /// <summary>The widest place of the cause that is known of an alert: alerts with one cause and place are one incident.</summary>
    public IncidentScope PlaceOf(IAlert alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        for (var i = Scopes.Count - 1; i >= 0; i--)
        {
            if (alert.Field(Scopes[i]) is { Length: > 0 } name)
            {
                return new IncidentScope(Scopes[i], name);
            }
        }

        return new IncidentScope(IncidentScope.Gpu, alert.Gpu.Value);
    }

    /// <summary>The cause as one line.</summary>
    public override string ToString() => $"{Name}: rules {string.Join(' ', Rules)}, scopes {string.Join(' ', Scopes)}";
}
