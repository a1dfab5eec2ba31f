using System.Text.RegularExpressions;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>A node's copy of acknowledgements and silences, indexed for look-ups. Immutable and thread-safe.</summary>
public sealed class AlertControlView
{
    private readonly Dictionary<AlertId, Acknowledgement> _acknowledgements;
    private readonly (Silence Silence, (SilenceMatcher Matcher, Regex? Regex)[] Matchers)[] _silences;

    /// <summary>Takes a copy.</summary>
    public AlertControlView(AlertControlSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Snapshot = snapshot;
        _acknowledgements = snapshot.Acknowledgements.ToDictionary(a => a.AlertId);
        // A silence that is not valid silences nothing: a superfluous page is better than a missing one.
        _silences =
        [
            .. snapshot
                .Silences.Where(s => s.Matchers.Count > 0 && s.Matchers.All(m => m.Problem() is null))
                .Select(s => (s, s.Matchers.Select(m => (m, m.IsRegex ? m.Regex() : null)).ToArray())),
        ];
    }

    /// <summary>Nothing is acknowledged or silenced: what a node knows before it has heard.</summary>
    public static AlertControlView Empty { get; } = new(AlertControlSnapshot.Empty);

    /// <summary>What the view was made of.</summary>
    public AlertControlSnapshot Snapshot { get; }

    /// <summary>The acknowledgement of an alert; null when there is none.</summary>
    public Acknowledgement? AcknowledgementOf(AlertId alertId) => _acknowledgements.GetValueOrDefault(alertId);

    /// <summary>The silence that covers an alert, of several the one that ends last; null when there is none.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public Silence? SilenceOf(IAlert alert, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(alert);
        Silence? found = null;
        foreach (var (silence, matchers) in _silences)
        {
            if (
                silence.IsActive(nowMs)
                && (found is null || silence.EndsAtMs > found.EndsAtMs)
                && Array.TrueForAll(matchers, m => Matches(m.Matcher, m.Regex, alert))
            )
            {
                found = silence;
            }
        }

        return found;
    }

    /// <summary>An open alert with the silence and the acknowledgement that apply to it.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public OpenAlert Annotate(OpenAlert alert, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(alert);
        var silence = SilenceOf(alert, nowMs);
        var acknowledgement = AcknowledgementOf(alert.AlertId);
        return alert with
        {
            SilencedBy = silence?.Id,
            SilencedUntilMs = silence?.EndsAtMs,
            AcknowledgedBy = acknowledgement?.By,
            AcknowledgedAtMs = acknowledgement?.AtMs,
            AcknowledgedComment = acknowledgement?.Comment,
        };
    }

    private static bool Matches(SilenceMatcher matcher, Regex? regex, IAlert alert)
    {
        var value = alert.Field(matcher.Name);
        if (regex is null)
        {
            return value == matcher.Value;
        }

        try
        {
            return regex.IsMatch(value);
        }
        catch (RegexMatchTimeoutException)
        {
            // A superfluous page is better than a missing one.
            return false;
        }
    }
}
