namespace GpuActors.Core.Topology;

/// <summary>Places of the hosts (<c>gpu-actors.topology</c>).</summary>
public sealed record TopologySettings
{
    /// <summary>
    /// .NET regular expression without look-around over a host name; its named groups <c>datacenter</c>, <c>cluster</c>, <c>rack</c> and
    /// <c>power_domain</c> are the host's place. Default empty: the name says nothing about the place.
    /// </summary>
    public string HostPattern { get; init; } = "";

    /// <summary>Places of single hosts, by name. A part that is set here wins over the pattern's. Default none.</summary>
    public IReadOnlyDictionary<string, Place> Hosts { get; init; } = new Dictionary<string, Place>(StringComparer.Ordinal);

    /// <summary>Checks the pattern.</summary>
    /// <returns>The problems, each with key, value and remedy; empty when the settings are valid.</returns>
    public IEnumerable<string> Validate()
    {
        if (HostPattern.Length == 0)
        {
            yield break;
        }

        string? problem = null;
        try
        {
            var groups = FleetTopology.Pattern(HostPattern).GetGroupNames().Where(name => !int.TryParse(name, out _)).ToList();
            var unknown = groups.Except(Place.Labels, StringComparer.Ordinal).ToList();
            if (unknown.Count > 0)
            {
                problem =
                    $"host-pattern = {HostPattern}: unknown group {string.Join(", ", unknown)}: name groups "
                    + $"{string.Join(", ", Place.Labels)}";
            }
            else if (groups.Count == 0)
            {
                problem =
                    $"host-pattern = {HostPattern}: it has none of the groups {string.Join(", ", Place.Labels)}: write such as "
                    + "(?<rack>r[0-9]+)";
            }
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            problem = $"host-pattern = {HostPattern}: not a supported regular expression: {e.Message}";
        }

        if (problem is not null)
        {
            yield return problem;
        }
    }
}
