namespace GpuActors.Core.Topology;

/// <summary>The place of a host. A part that is not known is empty.</summary>
/// <param name="Datacenter">Data centre.</param>
/// <param name="Cluster">Cluster whose scheduler uses the host.</param>
/// <param name="Rack">Rack; unique in the fleet, not only in its data centre.</param>
/// <param name="PowerDomain">Hosts with a common power feed, which a power brake affects together.</param>
public sealed record Place(string Datacenter, string Cluster, string Rack, string PowerDomain)
{
    /// <summary>Label and scope name of <see cref="Datacenter"/>.</summary>
    public const string DatacenterLabel = "datacenter";

    /// <summary>Label and scope name of <see cref="Cluster"/>.</summary>
    public const string ClusterLabel = "cluster";

    /// <summary>Label and scope name of <see cref="Rack"/>.</summary>
    public const string RackLabel = "rack";

    /// <summary>Label and scope name of <see cref="PowerDomain"/>.</summary>
    public const string PowerDomainLabel = "power_domain";

    /// <summary>Names of all parts, in the order of the record.</summary>
    public static IReadOnlyList<string> Labels { get; } = [DatacenterLabel, ClusterLabel, RackLabel, PowerDomainLabel];

    /// <summary>Nothing is known.</summary>
    public static Place Unknown { get; } = new("", "", "", "");

    /// <summary>The parts that are known, by label.</summary>
    public IEnumerable<KeyValuePair<string, string>> Known()
    {
        if (Datacenter.Length > 0)
        {
            yield return new(DatacenterLabel, Datacenter);
        }

        if (Cluster.Length > 0)
        {
            yield return new(ClusterLabel, Cluster);
        }

        if (Rack.Length > 0)
        {
            yield return new(RackLabel, Rack);
        }

        if (PowerDomain.Length > 0)
        {
            yield return new(PowerDomainLabel, PowerDomain);
        }
    }
}
