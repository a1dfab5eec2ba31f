using GpuActors.Core.Topology;

namespace GpuActors.Host.Configuration;

/// <summary>Reads <c>gpu-actors.topology.hosts</c>: a table whose host names are the user's own.</summary>
internal static class TopologyReader
{
    /// <summary>One section per host.</summary>
    public const string Hosts = "gpu-actors.topology.hosts";

    private static readonly string[] Keys = ["datacenter", "cluster", "rack", "power-domain"];

    /// <summary>The places of single hosts.</summary>
    /// <exception cref="ConfigurationException">It names every key at fault.</exception>
    public static IReadOnlyDictionary<string, Place> Read(LayeredConfig config)
    {
        var problems = new List<string>();
        var hosts = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var key in config.KeysUnder(Hosts))
        {
            var path = $"{Hosts}.{key}";
            // A name with dots stands in quotation marks; the key's own name has none.
            var dot = key.LastIndexOf('.');
            var name = dot < 0 ? "" : key[(dot + 1)..];
            if (!Keys.Contains(name))
            {
                problems.Add($"{path}: unknown key: a host has {string.Join(", ", Keys)}");
                continue;
            }

            var host = key[..dot].Trim('"');
            var value = config.RequiredText(path);
            var place = hosts.GetValueOrDefault(host, Place.Unknown);
            hosts[host] = name switch
            {
                "datacenter" => place with { Datacenter = value },
                "cluster" => place with { Cluster = value },
                "rack" => place with { Rack = value },
                _ => place with { PowerDomain = value },
            };
        }

        return problems.Count > 0 ? throw new ConfigurationException(problems) : hosts;
    }
}
