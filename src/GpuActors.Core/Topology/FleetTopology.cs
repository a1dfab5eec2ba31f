using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace GpuActors.Core.Topology;

/// <summary>Finds the place of a host. Used per alert, never per sample; results are cached per host. Thread-safe.</summary>
public sealed class FleetTopology
{
    // Bounds the cache in a fleet whose host names change with each boot.
    private const int MaxKept = 100_000;

    // A safeguard: matching takes linear time. Long enough for the first match on a busy machine.
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly TopologySettings _settings;
    private readonly Regex? _pattern;

    /// <summary>Creates the topology from settings that have been validated.</summary>
    /// <exception cref="ArgumentException">The pattern is not a regular expression.</exception>
    /// <exception cref="NotSupportedException">The pattern uses look-around or back-references.</exception>
    public FleetTopology(TopologySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _pattern = settings.HostPattern.Length == 0 ? null : Pattern(settings.HostPattern);
    }

    /// <summary>Compiles a pattern so that matching takes time proportional to the length of the name.</summary>
    /// <exception cref="ArgumentException">The text is not a regular expression.</exception>
    /// <exception cref="NotSupportedException">The text uses look-around or back-references.</exception>
    internal static Regex Pattern(string text) =>
        new(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchTimeout);

    /// <summary>
    /// The place of a host; <see cref="Place.Unknown"/> for an empty name and for one that neither table nor pattern
    /// contains.
    /// </summary>
    public Place Of(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Length == 0)
        {
            return Place.Unknown;
        }

        if (_places.TryGetValue(host, out var known))
        {
            return known;
        }

        var place = Find(host);
        if (_places.Count < MaxKept)
        {
            _places[host] = place;
        }

        return place;
    }

    private Place Find(string host)
    {
        var named = _settings.Hosts.GetValueOrDefault(host, Place.Unknown);
        if (Match(host) is not { } match)
        {
            return named;
        }

        string Or(string given, string group) => given.Length > 0 ? given : match.Groups[group].Value;
        return new Place(
            Or(named.Datacenter, Place.DatacenterLabel),
            Or(named.Cluster, Place.ClusterLabel),
            Or(named.Rack, Place.RackLabel),
            Or(named.PowerDomain, Place.PowerDomainLabel)
        );
    }

    private Match? Match(string host)
    {
        try
        {
            return _pattern?.Match(host) is { Success: true } match ? match : null;
        }
        catch (RegexMatchTimeoutException)
        {
            // An alert without its rack is better than a delayed alert.
            return null;
        }
    }
}
