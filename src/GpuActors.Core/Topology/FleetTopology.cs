using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace GpuActors.Core.Topology;

/// <summary>Knows where each host stands. Asked per alert, never per sample; an answer is kept per host. Thread-safe.</summary>
public sealed class FleetTopology
{
    // Far more hosts than a fleet has: names that change with each boot must not fill the memory.
    private const int MaxKept = 100_000;

    // Never needed for an expression that does not look back; long enough that a busy machine's first match is no time-out.
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly TopologySettings _settings;
    private readonly Regex? _pattern;

    /// <summary>Takes settings that are valid.</summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    /// <exception cref="NotSupportedException">The pattern looks around or back.</exception>
    public FleetTopology(TopologySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _pattern = settings.HostPattern.Length == 0 ? null : Pattern(settings.HostPattern);
    }

    /// <summary>A pattern in the form that is used: it takes time in proportion to the name's length.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It looks around or back, which can take for ever.</exception>
    internal static Regex Pattern(string text) =>
        new(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, MatchTimeout);

    /// <summary>
    /// Where a host stands; <see cref="Place.Unknown"/> for an empty name and for one that neither table nor pattern knows.
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
            // An alert without its rack is better than an alert that waits.
            return null;
        }
    }
}
