using System.Text;
using System.Text.Json;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Rules;
using GpuActors.Core.Silences;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GpuActors.Host.Http;

/// <summary>
/// <c>/api/alerts</c>, <c>/api/silences</c>, <c>/api/maintenance</c> and <c>/api/incidents</c>. Bodies must be JSON by name, so that no
/// page in a browser can send
/// them unasked.
/// </summary>
internal static class AlertRoutes
{
    private const int MaxBodyBytes = 64 * 1024;
    private const int DefaultLimit = 100,
        MaxLimit = 1000;

    private static readonly JsonSerializerOptions JsonOptions = new(JsonOutput.Options)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static void Map(WebApplication app, AlertDesk? desk)
    {
        app.MapGet("/api/alerts", With(desk, ListAlerts));
        app.MapPost("/api/alerts/{id}/ack", With(desk, Acknowledge));
        app.MapDelete("/api/alerts/{id}/ack", With(desk, (d, http) => Done(d, new AlertControlCommand.Unacknowledge(AlertIdOf(http)))));
        app.MapGet("/api/silences", With(desk, ListSilences));
        app.MapPost("/api/silences", With(desk, (d, http) => Add(d, http, SilenceKind.Silence)));
        app.MapDelete("/api/silences/{id}", With(desk, (d, http) => Done(d, new AlertControlCommand.Expire(Id(http)))));
        app.MapPost("/api/silences/preview", With(desk, Preview));
        app.MapPost("/api/maintenance", With(desk, (d, http) => Add(d, http, SilenceKind.Maintenance)));
        app.MapPost("/api/incidents/{id}/ack", With(desk, AcknowledgeIncident));
        app.MapGet("/api/incidents", With(desk, ListIncidents));
        app.MapGet(
            "/api/incidents/{id}",
            With(
                desk,
                async (d, http) =>
                    await d.Incident(Id(http)).ConfigureAwait(false) is { } incident
                        ? Incident(incident)
                        : Problem(StatusCodes.Status404NotFound, $"Incident {Id(http)} does not exist, or no longer")
            )
        );
    }

    private static Func<HttpContext, Task<IResult>> With(AlertDesk? desk, Func<AlertDesk, HttpContext, Task<IResult>> handle) =>
        async http =>
        {
            if (desk is null)
            {
                return Problem(StatusCodes.Status404NotFound, "This node has no alerts: use a node with the role api, detect or notify");
            }

            if (!desk.IsPossible())
            {
                // An empty list would mean that no alert is open.
                return Problem(
                    StatusCodes.Status503ServiceUnavailable,
                    "No node of the cluster has the role notify, so alerts and incidents are not known"
                );
            }

            try
            {
                return await handle(desk, http).ConfigureAwait(false);
            }
            catch (BadHttpRequestException e)
            {
                return Problem(e.StatusCode, e.Message);
            }
            catch (TimeoutException)
            {
                return Problem(
                    StatusCodes.Status503ServiceUnavailable,
                    HttpMethods.IsGet(http.Request.Method)
                        ? "NOTIFY did not answer in time: it may be moving to another node; try again"
                        : "NOTIFY did not answer in time. The change may have been made: check first"
                );
            }
        };

    private static async Task<IResult> ListAlerts(AlertDesk desk, HttpContext http)
    {
        var query = http.Request.Query;
        if (query["state"].ToString() is { Length: > 0 } state && state != "open")
        {
            throw Bad($"state = {state}: must be open; resolved alerts are in the database and in the topic");
        }

        string[] fields = ["rule", "severity", "host", "gpu", "rack", "datacenter"];
        CheckFilters(http, ["state", .. fields]);

        CheckOneOf("severity", query["severity"].ToString(), ["info", "warning", "critical"]);
        CheckOneOf("rule", query["rule"].ToString(), [.. RuleCatalog.All.Select(rule => rule.Id)]);
        var found = await desk.OpenAlerts(
                fields.Where(field => query[field].ToString().Length > 0).ToDictionary(field => field, field => query[field].ToString())
            )
            .ConfigureAwait(false);
        return Results.Json(AlertListBody.Of(found), JsonOptions);
    }

    private static async Task<IResult> Acknowledge(AlertDesk desk, HttpContext http)
    {
        var body = await Read<AcknowledgeBody>(http).ConfigureAwait(false);
        return await Done(desk, new AlertControlCommand.Acknowledge(AlertIdOf(http), body.By, body.Comment)).ConfigureAwait(false);
    }

    private static async Task<IResult> AcknowledgeIncident(AlertDesk desk, HttpContext http)
    {
        var body = await Read<AcknowledgeBody>(http).ConfigureAwait(false);
        return await Done(desk, new AlertControlCommand.AcknowledgeIncident(Id(http), body.By, body.Comment)).ConfigureAwait(false);
    }

    private static async Task<IResult> ListSilences(AlertDesk desk, HttpContext http)
    {
        CheckFilters(http, "state");
        var state = http.Request.Query["state"].ToString();
        CheckOneOf("state", state, ["active", "pending", "expired"]);

        var now = Now(desk);
        var control = await desk.Control().ConfigureAwait(false);
        return Results.Json(
            new
            {
                silences = control.Silences.Select(s => SilenceBody.Of(s, now)).Where(s => state.Length == 0 || s.State == state).ToList(),
            },
            JsonOptions
        );
    }

    private static async Task<IResult> Add(AlertDesk desk, HttpContext http, SilenceKind kind)
    {
        var request = await Read<SilenceRequest>(http).ConfigureAwait(false);
        var silence = SilenceOf(request, kind, Now(desk));
        if (!request.Force)
        {
            var open = await desk.OpenAlerts(new Dictionary<string, string>()).ConfigureAwait(false);
            if (SilenceGuard.Problem(silence, Now(desk), open.Alerts) is { } guarded)
            {
                return Problem(StatusCodes.Status400BadRequest, guarded);
            }
        }

        var outcome = await desk.Execute(new AlertControlCommand.Add(silence)).ConfigureAwait(false);
        return outcome.Problem is { } problem
            ? Problem(StatusCodes.Status400BadRequest, problem)
            : Results.Json(SilenceBody.Of(silence, Now(desk)), JsonOptions, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> Preview(AlertDesk desk, HttpContext http)
    {
        var request = await Read<SilenceRequest>(http).ConfigureAwait(false);
        var anyEnd = request.EndsAt is null && request.Until is null && request.Duration is null;
        var silence = SilenceOf(anyEnd ? request with { Duration = "1h" } : request, SilenceKind.Silence, Now(desk));
        return silence.Matchers.Select(matcher => matcher.Problem()).FirstOrDefault(problem => problem is not null) is { } problem
            ? Problem(StatusCodes.Status400BadRequest, problem)
            : Results.Json(AlertListBody.Of(await desk.Preview(silence).ConfigureAwait(false)), JsonOptions);
    }

    private static Silence SilenceOf(SilenceRequest request, SilenceKind kind, long nowMs)
    {
        var places = request.Places().Select(place => new SilenceMatcher(place.Name, place.Value)).ToList();
        if (kind == SilenceKind.Maintenance && places.Count == 0)
        {
            throw Bad("a maintenance must name a place: host, gpu, rack, power_domain, cluster or datacenter");
        }

        var starts = request.StartsAt?.ToUnixTimeMilliseconds() ?? nowMs;
        return new Silence(
            Guid.NewGuid().ToString("N"),
            [.. places, .. (request.Matchers ?? []).Select(m => new SilenceMatcher(m.Name, m.Value, m.IsRegex))],
            starts,
            Ends(request, starts),
            request.By,
            request.Comment,
            kind
        );
    }

    private static long Ends(SilenceRequest request, long startsMs)
    {
        var given = new object?[] { request.EndsAt, request.Until, request.Duration }.Count(value => value is not null);
        if (given != 1)
        {
            throw Bad("give the end exactly once: duration (such as 2h) or ends_at (RFC 3339)");
        }

        if (request.Duration is not { } duration)
        {
            return (request.EndsAt ?? request.Until)!.Value.ToUnixTimeMilliseconds();
        }

        return ConfigValues.Parse(typeof(TimeSpan), new ConfigValue(duration)) is TimeSpan span
            ? startsMs + (long)Math.Min(span.TotalMilliseconds, TimeSpan.FromDays(36500).TotalMilliseconds)
            : throw Bad($"duration = {duration}: expected {ConfigValues.Expected(typeof(TimeSpan))}");
    }

    private static async Task<IResult> ListIncidents(AlertDesk desk, HttpContext http)
    {
        CheckFilters(http, "state", "limit");
        var state = http.Request.Query["state"].ToString();
        var limit = http.Request.Query["limit"].ToString();
        CheckOneOf("state", state, ["open", "all"]);

        var most =
            limit.Length == 0 ? DefaultLimit
            : int.TryParse(limit, out var n) && n is > 0 and <= MaxLimit ? n
            : throw Bad($"limit = {limit}: give 1 to {MaxLimit}");
        var incidents = await desk.Incidents(state != "all", most).ConfigureAwait(false);
        // One by one, in the form of the topic's records.
        var text = new StringBuilder("{\"incidents\":[")
            .AppendJoin(',', incidents.Select(i => Encoding.UTF8.GetString(NotifyCodec.Encode(i))))
            .Append("]}");
        return Results.Text(text.ToString(), "application/json");
    }

    private static IResult Incident(IncidentRecord incident) => Results.Bytes(NotifyCodec.Encode(incident), "application/json");

    private static async Task<IResult> Done(AlertDesk desk, AlertControlCommand command)
    {
        var outcome = await desk.Execute(command).ConfigureAwait(false);
        return outcome.Problem is { } problem
            ? Problem(outcome.IsMissing ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, problem)
            : Results.NoContent();
    }

    private static async Task<T> Read<T>(HttpContext http)
        where T : class
    {
        if (!http.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException(
                "Send the body as JSON, with Content-Type: application/json",
                StatusCodes.Status415UnsupportedMediaType
            );
        }

        if (http.Request.ContentLength > MaxBodyBytes)
        {
            throw new BadHttpRequestException($"The body is larger than {MaxBodyBytes} bytes", StatusCodes.Status413PayloadTooLarge);
        }

        try
        {
            var body = new MemoryStream();
            await using var scope = body.ConfigureAwait(false);
            await http.Request.Body.CopyToAsync(body, http.RequestAborted).ConfigureAwait(false);
            return JsonSerializer.Deserialize<T>(body.GetBuffer().AsSpan(0, (int)body.Length), JsonOptions)
                ?? throw Bad("The body must be a JSON object");
        }
        catch (JsonException e)
        {
            throw Bad($"The body is not valid: {JsonErrors.Describe(e)}");
        }
    }

    private static void CheckFilters(HttpContext http, params string[] filters)
    {
        if (http.Request.Query.Keys.FirstOrDefault(key => !filters.Contains(key)) is { } unknown)
        {
            throw Bad($"{unknown}: unknown filter; the filters are {string.Join(", ", filters)}");
        }
    }

    private static void CheckOneOf(string filter, string value, IReadOnlyList<string> values)
    {
        if (value.Length > 0 && !values.Contains(value))
        {
            throw Bad($"{filter} = {value}: must be one of {string.Join(", ", values)}");
        }
    }

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static AlertId AlertIdOf(HttpContext http) =>
        AlertId.TryParse(Id(http), out var id)
            ? id
            : throw new BadHttpRequestException(
                $"'{Id(http)}' is not the id of an alert: gpuactors alerts, or GET /api/alerts, lists those that are open",
                StatusCodes.Status404NotFound
            );

    private static long Now(AlertDesk desk) => desk.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private static BadHttpRequestException Bad(string problem) => new(problem, StatusCodes.Status400BadRequest);

    private static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);
}
