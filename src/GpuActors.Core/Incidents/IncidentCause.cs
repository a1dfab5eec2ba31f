namespace GpuActors.Core.Incidents;

/// <summary>Rules whose alerts have a common cause when they open at about the same time.</summary>
/// <param name="Name">Name of the cause, as incidents carry it.</param>
/// <param name="Rules">Ids of rules; an id that ends in <c>*</c> matches all ids with that prefix.</param>
/// <param name="Scopes">Scopes of the cause, the narrowest first: <c>host</c>, <c>rack</c>, <c>power_domain</c>, <c>cluster</c>,
/// <c>datacenter</c>.</param>
/// <param name="By">Label by whose value the cause is divided (<c>xid</c>); empty for none.</param>
public sealed record IncidentCause(string Name, IReadOnlyList<string> Rules, IReadOnlyList<string> Scopes, string By = "")
{
    /// <summary>Whether alerts of a rule have this cause.</summary>
    public bool Covers(string rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Rules.Any(own => own.EndsWith('*') ? rule.StartsWith(own[..^1], StringComparison.Ordinal) : rule == own);
    }

    /// <summary>The cause as one line.</summary>
    public override string ToString() => $"{Name}: rules {string.Join(' ', Rules)}, scopes {string.Join(' ', Scopes)}, by {By}";
}
