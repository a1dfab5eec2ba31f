using System.Globalization;
using GpuActors.Core.Alerts;

namespace GpuActors.Core.Silences;

/// <summary>
/// Acknowledgements of open alerts, and silences. Time is an argument. An acknowledgement goes with its alert; a silence that is over is
/// kept for a week. Not thread-safe.
/// </summary>
public sealed class AlertControlState
{
    /// <summary>
    /// Most silences to come and in force, and most ended ones that are kept: each of the former is tried on every alert.
    /// </summary>
    public const int MaxSilences = 1_000;

    /// <summary>Most acknowledgements.</summary>
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

    private readonly Dictionary<AlertId, Acknowledgement> _acknowledgements = [];
    private readonly Dictionary<string, Silence> _silences = new(StringComparer.Ordinal);
    private readonly HashSet<AlertId> _changedAcknowledgements = [];
    private readonly HashSet<string> _changedSilences = new(StringComparer.Ordinal);
    private AlertControlView? _view;

    /// <summary>The state as it is now, for look-ups.</summary>
    public AlertControlView View => _view ??= new AlertControlView(Snapshot());

    /// <summary>When a silence next begins or ends, Unix milliseconds; null when none does.</summary>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public long? NextChangeMs(long nowMs)
    {
        long? next = null;
        foreach (var silence in _silences.Values)
        {
            var at = silence.StartsAtMs > nowMs ? silence.StartsAtMs : silence.EndsAtMs;
            next = at > nowMs && (next is null || at < next) ? at : next;
        }

        return next;
    }

    /// <summary>Takes over an acknowledgement that was made before.</summary>
    public void Restore(Acknowledgement acknowledgement)
    {
        ArgumentNullException.ThrowIfNull(acknowledgement);
        _acknowledgements[acknowledgement.AlertId] = acknowledgement;
        _view = null;
    }

    /// <summary>Takes over a silence that was made before.</summary>
    public void Restore(Silence silence)
    {
        ArgumentNullException.ThrowIfNull(silence);
        _silences[silence.Id] = silence;
        _view = null;
    }

    /// <summary>Carries a command out.</summary>
    /// <param name="command">The command; the caller expands one that names an incident.</param>
    /// <param name="nowMs">The time, Unix milliseconds.</param>
    public AlertControlOutcome Execute(AlertControlCommand command, long nowMs)
    {
        Forget(nowMs);
        return command switch
        {
            AlertControlCommand.Acknowledge c => Acknowledge(c, nowMs),
            AlertControlCommand.Unacknowledge c => _acknowledgements.ContainsKey(c.AlertId)
                ? Drop(c.AlertId)
                : Missing($"Alert {c.AlertId} is not acknowledged"),
            AlertControlCommand.Add c => Add(c.Silence, nowMs),
            AlertControlCommand.Expire c => Expire(c.SilenceId, nowMs),
            _ => throw new ArgumentException($"{command?.GetType()} is not a known command", nameof(command)),
        };
    }

    /// <summary>An alert is over: its acknowledgement goes.</summary>
    public void Resolved(AlertId alertId)
    {
        if (_acknowledgements.ContainsKey(alertId))
        {
            _ = Drop(alertId);
        }
    }

    /// <summary>What has changed since the last call; a null value means that it is gone.</summary>
    public (IReadOnlyList<(AlertId, Acknowledgement?)> Acknowledgements, IReadOnlyList<(string, Silence?)> Silences) TakeChanges()
    {
        var changes = (
            (IReadOnlyList<(AlertId, Acknowledgement?)>)
                [.. _changedAcknowledgements.Select(id => (id, _acknowledgements.GetValueOrDefault(id)))],
            (IReadOnlyList<(string, Silence?)>)[.. _changedSilences.Select(id => (id, _silences.GetValueOrDefault(id)))]
        );
        _changedAcknowledgements.Clear();
        _changedSilences.Clear();
        return changes;
    }

    /// <summary>Whether a name and a comment are acceptable; otherwise the problem.</summary>
    public static string? ProblemOf(string by, string comment) =>
        string.IsNullOrWhiteSpace(by) || by.Length > MaxBy ? $"by: must be a name of 1 to {MaxBy} characters"
        : comment is null || comment.Length > MaxComment ? $"comment: must have at most {MaxComment} characters"
        : null;

    private AlertControlSnapshot Snapshot() =>
        new(
            [.. _acknowledgements.Values.OrderBy(a => a.AtMs).ThenBy(a => a.AlertId.Value, StringComparer.Ordinal)],
            [.. _silences.Values.OrderBy(s => s.StartsAtMs).ThenBy(s => s.Id, StringComparer.Ordinal)]
        );

    private AlertControlOutcome Put(Silence silence)
    {
        _silences[silence.Id] = silence;
        _changedSilences.Add(silence.Id);
        _view = null;
        return AlertControlOutcome.Done;
    }

    private AlertControlOutcome Drop(AlertId alertId)
    {
        _acknowledgements.Remove(alertId);
        _changedAcknowledgements.Add(alertId);
        _view = null;
        return AlertControlOutcome.Done;
    }

    private AlertControlOutcome Acknowledge(AlertControlCommand.Acknowledge command, long nowMs)
    {
        if (command.AlertId == default)
        {
            return Refused("alert id: must not be empty; gpuactors alerts lists the ids");
        }

        if (ProblemOf(command.By, command.Comment) is { } problem)
        {
            return Refused(problem);
        }

        if (_acknowledgements.Count >= MaxAcknowledgements && !_acknowledgements.ContainsKey(command.AlertId))
        {
            return Refused(
                $"{MaxAcknowledgements} alerts are acknowledged, which is the maximum: remove some first, or silence alerts by host or rule"
            );
        }

        _acknowledgements[command.AlertId] = new Acknowledgement(command.AlertId, command.By, command.Comment, nowMs);
        _changedAcknowledgements.Add(command.AlertId);
        _view = null;
        return AlertControlOutcome.Done;
    }

    private AlertControlOutcome Add(Silence silence, long nowMs)
    {
        var problem =
            ProblemOf(silence.By, silence.Comment)
            ?? Matchers(silence.Matchers)
            ?? Times(silence, nowMs)
            ?? (string.IsNullOrWhiteSpace(silence.Id) || silence.Id.Length > MaxBy ? "id: must not be empty" : null)
            ?? (_silences.ContainsKey(silence.Id) ? $"id {silence.Id}: a silence with this id exists" : null)
            ?? (
                _silences.Values.Count(s => s.EndsAtMs > nowMs) >= MaxSilences
                    ? $"There are {MaxSilences} silences, which is the maximum: end some, or use one with a regular expression"
                    : null
            );
        return problem is null ? Put(silence) : Refused(problem);
    }

    private AlertControlOutcome Expire(string id, long nowMs) =>
        _silences.GetValueOrDefault(id) switch
        {
            null => Missing($"There is no silence {id}"),
            { } silence when silence.EndsAtMs <= nowMs => AlertControlOutcome.Done,
            { } silence => Put(silence with { StartsAtMs = Math.Min(silence.StartsAtMs, nowMs), EndsAtMs = nowMs }),
        };

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
        var ended = _silences.Values.Where(s => s.EndsAtMs <= nowMs).OrderByDescending(s => s.EndsAtMs).ToList();
        foreach (var over in ended.Where((s, i) => s.EndsAtMs < before || i >= MaxSilences))
        {
            _silences.Remove(over.Id);
            _changedSilences.Add(over.Id);
            _view = null;
        }
    }

    private static string Time(long unixMs) =>
        unixMs is >= -62_135_596_800_000 and <= 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "out of range";

    private static AlertControlOutcome Refused(string problem) => new(problem);

    private static AlertControlOutcome Missing(string problem) => new(problem, true);
}
