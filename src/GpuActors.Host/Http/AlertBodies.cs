using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Engine.Composition;

namespace GpuActors.Host.Http;

/// <summary>What <c>GET /api/alerts</c> answers.</summary>
/// <param name="Alerts">Open alerts, the oldest first.</param>
/// <param name="LeftOut">How many more there are; absent for none.</param>
internal sealed record AlertListBody(IReadOnlyList<AlertBody> Alerts, int? LeftOut)
{
    public static AlertListBody Of(OpenAlertsFound found) =>
        new([.. found.Alerts.Select(AlertBody.Of)], found.LeftOut > 0 ? found.LeftOut : null);
}

/// <summary>One open alert, with what applies to it now. A member that does not apply is absent.</summary>
internal sealed record AlertBody
{
    /// <summary>Its id.</summary>
    public required AlertId AlertId { get; init; }

    /// <summary>The rule.</summary>
    public required string Rule { get; init; }

    /// <summary>critical, warning or info.</summary>
    public required string Severity { get; init; }

    /// <summary>The GPU.</summary>
    public required GpuId Gpu { get; init; }

    /// <summary>The host; empty when it is not known.</summary>
    public required string Host { get; init; }

    /// <summary>One sentence; absent for an alert that the node knows from the GPU's kept state only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Summary { get; init; }

    /// <summary>When it opened, in sample time.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Its labels.</summary>
    public required AlertLabels Labels { get; init; }

    /// <summary>Its incident.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IncidentId { get; init; }

    /// <summary>The silence or maintenance that covers it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SilencedBy { get; init; }

    /// <summary>Until when.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? SilencedUntil { get; init; }

    /// <summary>Who looks after it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AcknowledgedBy { get; init; }

    /// <summary>Since when.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>What they say.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AcknowledgedComment { get; init; }

    public static AlertBody Of(OpenAlert alert) =>
        new()
        {
            AlertId = alert.AlertId,
            Rule = alert.Rule,
            Severity = alert.Severity.Name(),
            Gpu = alert.Gpu,
            Host = alert.Labels.Host,
            Summary = alert.Summary.Length > 0 ? alert.Summary : null,
            OpenedAt = DateTimeOffset.FromUnixTimeMilliseconds(alert.OpenedAtMs),
            Labels = alert.Labels,
            IncidentId = alert.IncidentId,
            SilencedBy = alert.SilencedBy,
            SilencedUntil = Time(alert.SilencedUntilMs),
            AcknowledgedBy = alert.AcknowledgedBy,
            AcknowledgedAt = Time(alert.AcknowledgedAtMs),
            AcknowledgedComment = alert.AcknowledgedComment,
        };

    private static DateTimeOffset? Time(long? unixMs) => unixMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}

/// <summary>A silence or maintenance.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">pending, active or expired.</param>
/// <param name="Kind">silence or maintenance.</param>
/// <param name="Matchers">An alert is silenced when all of them hold.</param>
/// <param name="StartsAt">From when.</param>
/// <param name="EndsAt">Until when.</param>
/// <param name="By">Who asked for it.</param>
/// <param name="Comment">Why.</param>
internal sealed record SilenceBody(
    string Id,
    string State,
    string Kind,
    IReadOnlyList<MatcherBody> Matchers,
    DateTimeOffset StartsAt,
    DateTimeOffset EndsAt,
    string By,
    string Comment
)
{
    public static SilenceBody Of(Silence silence, long nowMs) =>
        new(
            silence.Id,
            silence.EndsAtMs <= nowMs ? "expired"
                : silence.StartsAtMs > nowMs ? "pending"
                : "active",
            silence.Kind == SilenceKind.Maintenance ? "maintenance" : "silence",
            [
                .. silence.Matchers.Select(m => new MatcherBody
                {
                    Name = m.Name,
                    Value = m.Value,
                    IsRegex = m.IsRegex,
                }),
            ],
            DateTimeOffset.FromUnixTimeMilliseconds(silence.StartsAtMs),
            DateTimeOffset.FromUnixTimeMilliseconds(silence.EndsAtMs),
            silence.By,
            silence.Comment
        );
}

/// <summary>One condition of a silence.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MatcherBody
{
    /// <summary>Field of an alert: rule, gpu, severity, alert_id or a label.</summary>
    public string Name { get; init; } = "";

    /// <summary>The text, or the regular expression for all of it.</summary>
    public string Value { get; init; } = "";

    /// <summary>Which of the two.</summary>
    public bool IsRegex { get; init; }
}

/// <summary>What <c>POST /api/alerts/{id}/ack</c> takes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AcknowledgeBody
{
    /// <summary>Who looks after it.</summary>
    public string By { get; init; } = "";

    /// <summary>What they say.</summary>
    public string Comment { get; init; } = "";
}

/// <summary>
/// What <c>POST /api/silences</c> and <c>POST /api/maintenance</c> take. A maintenance names its place by one of the labels instead of
/// matchers.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SilenceRequest
{
    /// <summary>An alert is silenced when all of them hold.</summary>
    public IReadOnlyList<MatcherBody>? Matchers { get; init; }

    /// <summary>A host.</summary>
    public string? Host { get; init; }

    /// <summary>A GPU's UUID.</summary>
    public string? Gpu { get; init; }

    /// <summary>A rack.</summary>
    public string? Rack { get; init; }

    /// <summary>A power domain.</summary>
    public string? PowerDomain { get; init; }

    /// <summary>A cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>A data centre.</summary>
    public string? Datacenter { get; init; }

    /// <summary>From when; absent for now.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>Until when; this or <see cref="Duration"/>.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Another name of <see cref="EndsAt"/>.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>For how long (<c>2h</c>), from its start.</summary>
    public string? Duration { get; init; }

    /// <summary>Who asks for it.</summary>
    public string By { get; init; } = "";

    /// <summary>Why.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Accepts a silence that is very long or covers a large part of the fleet.</summary>
    public bool Force { get; init; }

    /// <summary>What names a place, by label.</summary>
    public IEnumerable<(string Name, string Value)> Places() =>
        new[]
        {
            ("host", Host),
            ("gpu", Gpu),
            ("rack", Rack),
            ("power_domain", PowerDomain),
            ("cluster", Cluster),
            ("datacenter", Datacenter),
        }
            .Where(place => place.Item2 is not null)
            .Select(place => (place.Item1, place.Item2!));
}
