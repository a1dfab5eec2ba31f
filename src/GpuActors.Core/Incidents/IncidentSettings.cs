using GpuActors.Core.Alerts;
using GpuActors.Core.Topology;

namespace GpuActors.Core.Incidents;

/// <summary>When alerts become one incident (<c>gpu-actors.incidents</c>).</summary>
public sealed record IncidentSettings
{
    /// <summary>Names of the scopes that a cause can have.</summary>
    public static IReadOnlyList<string> KnownScopes { get; } =
    [AlertLabelNames.Host, Place.RackLabel, Place.PowerDomainLabel, Place.ClusterLabel, Place.DatacenterLabel];

    /// <summary>Whether alerts are grouped. Default true; without it each critical alert pages.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How far apart alerts of one cause may open to become an incident, and to widen one. Default 2 minutes.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Alerts that make an incident, at least 2 (default). An incident pages at most one time less than this: those that came before it
    /// existed.
    /// </summary>
    public int MinMembers { get; init; } = 2;

    /// <summary>
    /// How long an alert waits to hear of its incident before it is published without, as a page of its own. Default 200 ms.
    /// </summary>
    public TimeSpan DecisionTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Most open alerts that are grouped. Default 100,000; further ones page on their own.</summary>
    public int MaxOpenAlerts { get; init; } = 100_000;

    /// <summary>
    /// Most members that an incident's record lists. Default 2,000: it must fit into one Kafka record; open ones come first, all are
    /// counted.
    /// </summary>
    public int MaxListedMembers { get; init; } = 2_000;

    /// <summary>Resolved alerts that are remembered, so that a replay gets the same answer. Default 50,000.</summary>
    public int RememberedAlerts { get; init; } = 50_000;

    /// <summary>Resolved incidents that can still be asked for. Default 1,000.</summary>
    public int KeptIncidents { get; init; } = 1_000;

    /// <summary>
    /// Shortest time between two records of one incident, except its first and its last. Default 250 ms: 256 alerts at once are few
    /// records.
    /// </summary>
    public TimeSpan PublishInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether decisions are kept in the journal, for the node that takes over. Default true.</summary>
    public bool Journal { get; init; } = true;

    /// <summary>How long the first alert waits for the journal. Default 5 s: a database that is away must not delay alerts.</summary>
    public TimeSpan JournalTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The causes. A rule that is in none of them is a cause of its own, with the scope host.</summary>
    public IReadOnlyList<IncidentCause> Causes { get; init; } =
    [
        new("power", ["power_brake"], ["host", "rack", "power_domain"]),
        new("cooling", ["hw_thermal", "sw_thermal", "gpu_temp_*", "memory_temp_*"], ["host", "rack"]),
        new("unreachable", ["host_absent", "gpu_lost", "gpu_absent", "exporter_down"], ["host", "rack"]),
        new("nvlink", ["nvlink*"], ["host"]),
        new("xid", ["xid"], ["host"], "xid"),
    ];

    /// <summary>The cause of a rule's alerts.</summary>
    public IncidentCause CauseOf(string rule) =>
        Causes.FirstOrDefault(cause => cause.Covers(rule)) ?? new IncidentCause(rule, [rule], [AlertLabelNames.Host]);

    /// <summary>Checks the ranges and the causes.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (MinMembers < 2)
        {
            yield return $"min-members = {MinMembers}: must be at least 2; one alert does not make an incident";
        }

        if (Window <= TimeSpan.Zero)
        {
            yield return $"window = {Window}: must be greater than 0";
        }

        if (JournalTimeout <= TimeSpan.Zero)
        {
            yield return $"journal-timeout = {JournalTimeout}: must be greater than 0";
        }

        if (DecisionTimeout <= TimeSpan.Zero || DecisionTimeout > TimeSpan.FromSeconds(1))
        {
            yield return $"decision-timeout = {DecisionTimeout}: must be greater than 0 and at most 1s: each alert can wait that long";
        }

        foreach (
            var (key, value, least) in new[]
            {
                ("max-open-alerts", MaxOpenAlerts, 1),
                ("max-listed-members", MaxListedMembers, 1),
                ("remembered-alerts", RememberedAlerts, 1_000),
                ("kept-incidents", KeptIncidents, 100),
            }
        )
        {
            if (value < least)
            {
                yield return $"{key} = {value}: must be at least {least}";
            }
        }

        foreach (var cause in Causes)
        {
            foreach (var scope in cause.Scopes.Except(KnownScopes, StringComparer.Ordinal))
            {
                yield return $"causes.{cause.Name}.scopes = {scope}: give any of {string.Join(", ", KnownScopes)}, the narrowest first";
            }

            if (cause.Scopes.Count == 0 || cause.Rules.Count == 0)
            {
                yield return $"causes.{cause.Name}: rules and scopes must not be empty";
            }
        }

        foreach (
            var rule in Causes
                .SelectMany(cause => cause.Rules)
                .GroupBy(rule => rule, StringComparer.Ordinal)
                .Where(group => group.Count() > 1)
        )
        {
            var causes = string.Join(" and ", Causes.Where(cause => cause.Rules.Contains(rule.Key)).Select(cause => cause.Name));
            yield return $"causes: rule {rule.Key} is in {causes}: a rule must be in one cause only";
        }
    }
}
