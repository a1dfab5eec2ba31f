using System.Globalization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>
/// Acknowledgements and silences. A command becomes a fact or a problem, a fact changes the state; time is an argument. What is over is
/// forgotten a week later. Not thread-safe.
/// </summary>
public sealed class AlertControlState
{
    /// <summary>
    /// Most silences to come and in force, and most ended ones that are kept: each of the former is tried on every alert.
    /// </summary>
    public const int MaxSilences = 1_000;

    /// <summary>Most acknowledgements of open alerts, and most of resolved ones that are kept.</summary>
    public const int MaxAcknowledgements = 5_000;

    /// <summary>Most matchers of a silence.</summary>
    public const int MaxMatchers = 20;

    /// <summary>Longest name of a person.</summary>
    public const int MaxBy = 200;

    /// <summary>Longest comment.</summary>
    public const int MaxComment = 1_000;

    private static readonly TimeSpan MaxSilence = TimeSpan.FromDays(30);
    private static readonly TimeSpan MaxMaintenance = TimeSpan.FromDays(365);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    // For an alert that never resolves because its GPU left the fleet.
    private static readonly TimeSpan KeptOpen = TimeSpan.FromDays(365);

    private readonly Dictionary<AlertId, Acknowledgement> _acknowledgements = [];
    private readonly Dictionary<string, Silence> _silences = new(StringComparer.Ordinal);

    /// <summary>The whole state.</summary>
    public AlertControlSnapshot Save() =>
        new(
            [.. _acknowledgements.Values.OrderBy(a => a.AtMs).ThenBy(a => a.AlertId.Value, StringComparer.Ordinal)],
            [.. _silences.Values.OrderBy(s => s.StartsAtMs).ThenBy(s => s.Id, StringComparer.Ordinal)]
        );

    /// <summary>The state that <see cref="Save"/> gave.</summary>
    public static AlertControlState Load(AlertControlSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var state = new AlertControlState();
        foreach (var acknowledgement in snapshot.Acknowledgements)
        {
            state._acknowledgements[acknowledgement.AlertId] = acknowledgement;
        }

        foreach (var silence in snapshot.Silences)
        {
            state._silences[silence.Id] = silence;
        }

        return state;
    }

    /// <summary>What a command comes to.</summary>
    /// <param name="command">The command.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public AlertControlOutcome Decide(AlertControlCommand command, long nowMs) =>
        command switch
        {
            AlertControlCommand.Acknowledge c => Acknowledge(c, nowMs),
            AlertControlCommand.Unacknowledge c => _acknowledgements.ContainsKey(c.AlertId)
                ? new(new AlertControlEvent.Unacknowledged(c.AlertId, nowMs))
                : Missing($"Alert {c.AlertId} is not acknowledged"),
            AlertControlCommand.NoteResolved c => new(
                _acknowledgements.GetValueOrDefault(c.AlertId) is { ResolvedAtMs: null }
                    ? new AlertControlEvent.Resolved(c.AlertId, nowMs)
                    : null
            ),
            AlertControlCommand.Add c => Add(c.Silence, nowMs),
            AlertControlCommand.Expire c => Expire(c.SilenceId, nowMs),
            _ => throw new ArgumentException($"{command?.GetType()} is not a known command", nameof(command)),
        };

    /// <summary>Takes a fact in, and forgets what has been over for a week at its time.</summary>
    public void Apply(AlertControlEvent happened)
    {
        switch (happened)
        {
            case AlertControlEvent.Acknowledged e:
                _acknowledgements[e.AlertId] = new Acknowledgement(e.AlertId, e.By, e.Comment, e.AtMs);
                break;
            case AlertControlEvent.Unacknowledged e:
                _acknowledgements.Remove(e.AlertId);
                break;
            case AlertControlEvent.Resolved e when _acknowledgements.TryGetValue(e.AlertId, out var known):
                _acknowledgements[e.AlertId] = known with { ResolvedAtMs = e.AtMs };
                break;
            case AlertControlEvent.Added e:
                _silences[e.Silence.Id] = e.Silence;
                break;
            case AlertControlEvent.Expired e when _silences.TryGetValue(e.SilenceId, out var known):
                _silences[e.SilenceId] = known with { StartsAtMs = Math.Min(known.StartsAtMs, e.AtMs), EndsAtMs = e.AtMs };
                break;
        }

        Forget(happened?.AtMs ?? 0);
    }

    private AlertControlOutcome Acknowledge(AlertControlCommand.Acknowledge command, long nowMs)
    {
        if (command.AlertId == default)
        {
            return Refused("alert id: must not be empty; gpuactors alerts lists the ids");
        }

        if (SaidBy(command.By, command.Comment) is { } problem)
        {
            return Refused(problem);
        }

        return
            _acknowledgements.Values.Count(a => a.ResolvedAtMs is null) >= MaxAcknowledgements
            && !_acknowledgements.ContainsKey(command.AlertId)
            ? Refused(
                $"{MaxAcknowledgements} alerts are acknowledged, which is the maximum: remove some first, or silence alerts by host or rule"
            )
            : new(new AlertControlEvent.Acknowledged(command.AlertId, command.By, command.Comment, nowMs));
    }

    private AlertControlOutcome Add(Silence silence, long nowMs)
    {
        var problem =
            SaidBy(silence.By, silence.Comment)
            ?? Matchers(silence.Matchers)
            ?? Times(silence, nowMs)
            ?? (string.IsNullOrWhiteSpace(silence.Id) || silence.Id.Length > MaxBy ? "id: must not be empty" : null)
            ?? (_silences.ContainsKey(silence.Id) ? $"id {silence.Id}: a silence with this id exists" : null)
            ?? (
                _silences.Values.Count(s => s.EndsAtMs > nowMs) >= MaxSilences
                    ? $"There are {MaxSilences} silences, which is the maximum: end some, or use one with a regular expression"
                    : null
            );
        return problem is null ? new(new AlertControlEvent.Added(silence, nowMs)) : Refused(problem);
    }

    private AlertControlOutcome Expire(string id, long nowMs) =>
        _silences.GetValueOrDefault(id) switch
        {
            null => Missing($"There is no silence {id}"),
            { } silence when silence.EndsAtMs <= nowMs => new(null),
            _ => new(new AlertControlEvent.Expired(id, nowMs)),
        };

    private static string? SaidBy(string by, string comment) =>
        string.IsNullOrWhiteSpace(by) || by.Length > MaxBy ? $"by: must be a name of 1 to {MaxBy} characters"
        : comment is null || comment.Length > MaxComment ? $"comment: must have at most {MaxComment} characters"
        : null;

    private static string? Matchers(IReadOnlyList<SilenceMatcher> matchers) =>
        matchers is null or { Count: 0 } ? "matchers: at least one is required, such as host = n1; a silence of all alerts is not supported"
        : matchers.Count > MaxMatchers
            ? $"matchers: {matchers.Count} are given, at most {MaxMatchers} are allowed: use a regular expression"
        : matchers.Select(matcher => matcher.Problem()).FirstOrDefault(problem => problem is not null)
            ?? (
                matchers.All(matcher => matcher.IsRegex && matcher.Regex().IsMatch(""))
                    ? "matchers: all of them match an empty value, and so every alert; a silence of all alerts is not supported"
                    : null
            );

    private static string? Times(Silence silence, long nowMs)
    {
        var longest = silence.Kind == SilenceKind.Maintenance ? MaxMaintenance : MaxSilence;
        return silence.EndsAtMs <= silence.StartsAtMs
                ? $"ends_at {Time(silence.EndsAtMs)} is not after starts_at {Time(silence.StartsAtMs)}: give a later end"
            : silence.EndsAtMs <= nowMs ? $"ends_at {Time(silence.EndsAtMs)} is in the past: give a later end"
            : silence.EndsAtMs - Math.Max(silence.StartsAtMs, nowMs) > (long)longest.TotalMilliseconds
                ? $"ends_at {Time(silence.EndsAtMs)}: must be within {longest.Days} days; for longer, disable the rule"
            : null;
    }

    private void Forget(long nowMs)
    {
        var before = nowMs - (long)Kept.TotalMilliseconds;
        var resolved = _acknowledgements.Values.Where(a => a.ResolvedAtMs is not null).OrderByDescending(a => a.ResolvedAtMs).ToList();
        foreach (
            var over in resolved
                .Where((a, i) => a.ResolvedAtMs < before || i >= MaxAcknowledgements)
                .Concat(_acknowledgements.Values.Where(a => a.AtMs < nowMs - (long)KeptOpen.TotalMilliseconds))
                .ToList()
        )
        {
            _acknowledgements.Remove(over.AlertId);
        }

        var ended = _silences.Values.Where(s => s.EndsAtMs <= nowMs).OrderByDescending(s => s.EndsAtMs).ToList();
        foreach (var over in ended.Where((s, i) => s.EndsAtMs < before || i >= MaxSilences))
        {
            _silences.Remove(over.Id);
        }
    }

    private static string Time(long unixMs) =>
        unixMs is >= -62_135_596_800_000 and <= 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "out of range";

    private static AlertControlOutcome Refused(string problem) => new(null, problem);

    private static AlertControlOutcome Missing(string problem) => new(null, problem, true);
}
