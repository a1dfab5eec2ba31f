using GpuActors.Core.Alerts;
using GpuActors.Core.Silences;

namespace GpuActors.Host.Http;

/// <summary>
/// Finds silences that are likely to be mistakes: very long ones, and those of a large part of the fleet. They are accepted only with
/// <c>force</c>.
/// </summary>
internal static class SilenceGuard
{
    /// <summary>Longest silence without force: a known fault that nobody has mended in a week should page again.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromDays(7);

    /// <summary>Longest maintenance without force.</summary>
    public static readonly TimeSpan LongestMaintenance = TimeSpan.FromDays(60);

    // A silence of more hosts with open alerts than this share is one of the fleet. With few hosts the share says nothing.
    private const double MaxShare = 0.25;
    private const int MinHosts = 8;

    private static readonly string[] Places =
    [
        "alert_id",
        "gpu",
        AlertLabelNames.Host,
        AlertLabelNames.Rack,
        AlertLabelNames.PowerDomain,
        AlertLabelNames.Cluster,
        AlertLabelNames.Datacenter,
        AlertLabelNames.Namespace,
        AlertLabelNames.Pod,
    ];

    // Names of places that have nothing in common: an expression that matches most of them matches any name.
    private static readonly string[] AnyNames =
    [
        "a",
        "7",
        "node-0017",
        "dc-east-01-n001.example.com",
        "10.0.0.7",
        "GPU-265c9814-6156-355b-e589-ff2064894f16",
        "Zq_rack 4",
    ];

    /// <summary>Why a silence needs force; null when it does not.</summary>
    /// <param name="silence">The silence.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    /// <param name="open">The open alerts.</param>
    public static string? Problem(Silence silence, long nowMs, IReadOnlyList<OpenAlert> open)
    {
        var longest = silence.Kind == SilenceKind.Maintenance ? LongestMaintenance : LongestSilence;
        if (silence.EndsAtMs - Math.Max(nowMs, silence.StartsAtMs) > longest.TotalMilliseconds)
        {
            return Forced($"it lasts longer than {longest.Days} days");
        }

        if (silence.Matchers.Count > 0 && !silence.Matchers.Any(matcher => Places.Contains(matcher.Name) && !MatchesAnyName(matcher)))
        {
            return Forced($"no matcher limits it to a part of the fleet ({string.Join(", ", Places)})");
        }

        var hosts = open.Select(alert => alert.Labels.Host).ToHashSet(StringComparer.Ordinal);
        var silenced = open.Where(alert => silence.Matchers.All(matcher => matcher.Matches(alert.Field(matcher.Name))))
            .Select(alert => alert.Labels.Host)
            .Distinct(StringComparer.Ordinal)
            .Count();
        return hosts.Count >= MinHosts && silenced > MaxShare * hosts.Count
            ? Forced($"it matches {silenced} of the {hosts.Count} hosts that have open alerts")
            : null;
    }

    private static bool MatchesAnyName(SilenceMatcher matcher) => matcher.IsRegex && AnyNames.Count(matcher.Matches) > AnyNames.Length / 2;

    private static string Forced(string why) => $"{why}: if that is meant, add force (--force, or \"force\": true in the body)";
}
