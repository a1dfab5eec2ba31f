using GpuActors.Core.Alerts;
using GpuActors.Core.Topology;

namespace GpuActors.Core.Incidents;

/// <summary>Which alerts are one incident (<c>gpu-actors.incidents</c>).</summary>
public sealed record IncidentSettings
{
    /// <summary>Names of the places that a cause can have.</summary>
    public static IReadOnlyList<string> KnownScopes { get; } =
    [IncidentScope.Gpu, AlertLabelNames.Host, Place.RackLabel, Place.PowerDomainLabel, Place.ClusterLabel, Place.DatacenterLabel];

    /// <summary>
    /// How long after a page further alerts of the incident are collected. Only a higher severity or another cause pages at once meanwhile.
    /// Default 2 minutes.
    /// </summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Most members that an incident's record lists. Default 2,000: it must fit into one Kafka record; open ones come first, all are
    /// counted.
    /// </summary>
    public int MaxListedMembers { get; init; } = 2_000;

    /// <summary>The causes. Rules that are in none of them have the cause <see cref="Default"/>.</summary>
    public IReadOnlyList<IncidentCause> Causes { get; init; } =
    [
        new("power", ["power_brake"], [IncidentScope.Gpu, AlertLabelNames.Host, Place.RackLabel, Place.PowerDomainLabel]),
        new(
            "cooling",
            ["hw_thermal", "sw_thermal", "gpu_temp_*", "memory_temp_*"],
            [IncidentScope.Gpu, AlertLabelNames.Host, Place.RackLabel]
        ),
        new("unreachable", ["host_absent", "exporter_down"], [AlertLabelNames.Host, Place.RackLabel]),
        new("nvlink", ["nvlink*"], [IncidentScope.Gpu, AlertLabelNames.Host]),
    ];

    /// <summary>The cause of all other rules: a fault of a GPU or of its host.</summary>
    public static IncidentCause Default { get; } = new("gpu", [], [IncidentScope.Gpu, AlertLabelNames.Host]);

    /// <summary>The cause of a rule's alerts.</summary>
    public IncidentCause CauseOf(string rule) => Causes.FirstOrDefault(cause => cause.Covers(rule)) ?? Default;

    /// <summary>Checks the ranges and the causes.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate()
    {
        if (Window <= TimeSpan.Zero)
        {
            yield return $"window = {Window}: must be greater than 0";
        }

        if (MaxListedMembers < 1)
        {
            yield return $"max-listed-members = {MaxListedMembers}: must be at least 1";
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

            if (cause.Name == Default.Name)
            {
                yield return $"causes.{cause.Name}: this name stands for all rules that are in no cause: choose another";
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
