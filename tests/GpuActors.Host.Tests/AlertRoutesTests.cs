using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GpuActors.Host.Http;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class AlertRoutesTests : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _http = new();
    private readonly AlertDesks _desks = new();
    private NodeEndpoint _endpoint = null!;

    public async Task InitializeAsync()
    {
        _endpoint = await NodeEndpoint.StartAsync(
            new ApiSettings { Port = 0 },
            new NodeView
            {
                Readiness = () => new Dictionary<string, bool>(),
                GpuStatus = (_, _) => Task.FromResult<object?>(null),
                Alerts = _desks.Desk,
            },
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
        _http.BaseAddress = _endpoint.Address;
    }

    [Fact]
    public async Task Open_alerts_are_listed_and_filtered()
    {
        var all = (await Get("/api/alerts?state=open")).GetProperty("alerts");
        Assert.Equal(["a1", "a2"], all.EnumerateArray().Select(a => a.GetProperty("alert_id").GetString()));
        Assert.Equal(("power_brake", "critical", "n1"), (Text(all[0], "rule"), Text(all[0], "severity"), Text(all[0], "host")));
        Assert.Equal(Text(all[1], "incident_id"), Text(all[0], "incident_id"));
        Assert.False(all[0].TryGetProperty("silenced_by", out _));

        Assert.Equal(1, (await Get("/api/alerts?gpu=GPU-2&rule=power_brake")).GetProperty("alerts").GetArrayLength());
        Assert.Equal(0, (await Get("/api/alerts?host=n2")).GetProperty("alerts").GetArrayLength());
    }

    [Fact]
    public async Task What_is_missing_from_the_list_is_told()
    {
        Assert.False((await Get("/api/alerts")).TryGetProperty("left_out", out _));

        _desks.LeftOut = 7;
        Assert.Equal(7, (await Get("/api/alerts")).GetProperty("left_out").GetInt32());
    }

    [Fact]
    public async Task Without_a_node_that_notifies_alerts_are_not_known()
    {
        _desks.IsPossible = false;

        using var response = await _http.GetAsync("/api/alerts");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("role notify", Text(await response.Content.ReadFromJsonAsync<JsonElement>(), "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_incident_is_acknowledged_with_all_its_alerts()
    {
        var id = Text((await Get("/api/incidents")).GetProperty("incidents")[0], "incident_id");
        using var acked = await _http.PostAsJsonAsync($"/api/incidents/{id}/ack", new { by = "ann" });

        Assert.Equal(HttpStatusCode.NoContent, acked.StatusCode);
        Assert.All(
            (await Get("/api/alerts")).GetProperty("alerts").EnumerateArray(),
            alert => Assert.Equal("ann", Text(alert, "acknowledged_by"))
        );
    }

    [Fact]
    public async Task What_a_silence_would_cover_is_shown_before()
    {
        using var preview = await Post("/api/silences/preview", """{"matchers":[{"name":"gpu","value":"GPU-2"}],"by":"ann"}""");

        var alerts = (await preview.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("alerts");
        Assert.Equal("a2", Text(Assert.Single(alerts.EnumerateArray()), "alert_id"));
        Assert.Equal(0, (await Get("/api/silences")).GetProperty("silences").GetArrayLength());
    }

    [Fact]
    public async Task An_alert_is_acknowledged_and_taken_back()
    {
        using var acked = await _http.PostAsJsonAsync("/api/alerts/a1/ack", new { by = "ann", comment = "on it" });
        Assert.Equal(HttpStatusCode.NoContent, acked.StatusCode);
        var alert = (await Get("/api/alerts")).GetProperty("alerts")[0];
        Assert.Equal(("ann", "on it"), (Text(alert, "acknowledged_by"), Text(alert, "acknowledged_comment")));

        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync("/api/alerts/a1/ack")).StatusCode);
        Assert.False((await Get("/api/alerts")).GetProperty("alerts")[0].TryGetProperty("acknowledged_by", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await _http.DeleteAsync("/api/alerts/a1/ack")).StatusCode);
    }

    [Fact]
    public async Task A_silence_covers_alerts_until_it_is_ended()
    {
        using var added = await Post(
            "/api/silences",
            """{"matchers":[{"name":"host","value":"n[0-9]","is_regex":true}],"duration":"2h","by":"ann","comment":"known"}"""
        );
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var silence = await added.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("active", "silence"), (Text(silence, "state"), Text(silence, "kind")));
        Assert.Equal(
            TimeSpan.FromHours(2),
            silence.GetProperty("ends_at").GetDateTimeOffset() - silence.GetProperty("starts_at").GetDateTimeOffset()
        );
        Assert.All(
            (await Get("/api/alerts")).GetProperty("alerts").EnumerateArray(),
            a => Assert.Equal(Text(silence, "id"), Text(a, "silenced_by"))
        );

        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync($"/api/silences/{Text(silence, "id")}")).StatusCode);
        Assert.All(
            (await Get("/api/alerts")).GetProperty("alerts").EnumerateArray(),
            a => Assert.False(a.TryGetProperty("silenced_by", out _))
        );
        Assert.Equal("expired", Text((await Get("/api/silences")).GetProperty("silences")[0], "state"));
        Assert.Equal(0, (await Get("/api/silences?state=active")).GetProperty("silences").GetArrayLength());
    }

    [Fact]
    public async Task A_maintenance_is_a_silence_of_a_place()
    {
        using var added = await Post("/api/maintenance", """{"host":"n1","duration":"45d","by":"ann","comment":"new board"}""");

        var body = await added.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        Assert.Equal("maintenance", Text(body, "kind"));
        Assert.Equal(("host", "n1"), (Text(body.GetProperty("matchers")[0], "name"), Text(body.GetProperty("matchers")[0], "value")));
        Assert.Equal(Text(body, "id"), Text((await Get("/api/alerts")).GetProperty("alerts")[0], "silenced_by"));
    }

    [Fact]
    public async Task Incidents_are_listed_in_the_form_of_their_records()
    {
        var incident = (await Get("/api/incidents")).GetProperty("incidents")[0];
        Assert.Equal(("power", 2), (Text(incident, "cause"), incident.GetProperty("members").GetArrayLength()));
        Assert.Equal(Text(incident, "incident_id"), Text(await Get($"/api/incidents/{Text(incident, "incident_id")}"), "incident_id"));
    }

    [Theory]
    [InlineData("POST", "/api/alerts/nope/ack", """{"by":"ann"}""", 404, "nope")]
    [InlineData("POST", "/api/alerts/a1/ack", """{"by":""}""", 400, "by:")]
    [InlineData("POST", "/api/alerts/a1/ack", """{"who":"ann"}""", 400, "who")]
    [InlineData("POST", "/api/alerts/a1/ack", "{", 400, "body")]
    [InlineData("POST", "/api/silences", """{"matchers":[],"duration":"2h","by":"ann"}""", 400, "at least one")]
    [InlineData("POST", "/api/silences", """{"matchers":[{"name":"host","value":"n1"}],"by":"ann"}""", 400, "give the end")]
    [InlineData("POST", "/api/silences", """{"matchers":[{"name":"host","value":"n1"}],"by":"ann","duration":"2"}""", 400, "duration = 2")]
    [InlineData(
        "POST",
        "/api/silences",
        """{"matchers":[{"name":"host","value":"n1"}],"by":"ann","ends_at":"2020-01-01T00:00:00Z"}""",
        400,
        "ends_at"
    )]
    [InlineData(
        "POST",
        "/api/silences",
        """{"matchers":[{"name":"host","value":"(","is_regex":true}],"by":"ann","duration":"1h"}""",
        400,
        "host = ("
    )]
    [InlineData("POST", "/api/maintenance", """{"duration":"2h","by":"ann"}""", 400, "place")]
    [InlineData("POST", "/api/incidents/nope/ack", """{"by":"ann"}""", 404, "nope")]
    [InlineData("POST", "/api/silences/preview", """{"matchers":[{"name":"host","value":"(","is_regex":true}]}""", 400, "host = (")]
    [InlineData("DELETE", "/api/silences/nope", "", 404, "nope")]
    [InlineData("GET", "/api/alerts?state=resolved", "", 400, "resolved")]
    [InlineData("GET", "/api/alerts?hots=n1", "", 400, "hots")]
    [InlineData("GET", "/api/silences?state=old", "", 400, "old")]
    [InlineData("GET", "/api/silences?stat=active", "", 400, "the filters are state")]
    [InlineData("GET", "/api/incidents?sate=all", "", 400, "the filters are state, limit")]
    [InlineData("GET", "/api/alerts?severity=foo", "", 400, "severity = foo: must be one of info, warning, critical")]
    [InlineData("GET", "/api/alerts?rule=foo", "", 400, "rule = foo: must be one of hw_thermal, power_brake, ")]
    [InlineData("GET", "/api/incidents?state=foo", "", 400, "state = foo: must be one of open, all")]
    [InlineData("POST", "/api/silences", """{"matchers":"host"}""", 400, "member 'matchers' has a value of the wrong type")]
    [InlineData("POST", "/api/silences", """{"hots":"n1"}""", 400, "there is no member 'hots'")]
    [InlineData(
        "POST",
        "/api/silences",
        """{"matchers":[{"name":"host","value":".+","is_regex":true}],"by":"x","duration":"2h"}""",
        400,
        "no matcher limits it to a part of the fleet"
    )]
    [InlineData(
        "POST",
        "/api/silences",
        """{"matchers":[{"name":"severity","value":"critical"}],"by":"x","duration":"2h"}""",
        400,
        "\"force\": true"
    )]
    [InlineData(
        "POST",
        "/api/silences",
        """{"matchers":[{"name":"host","value":"n1"}],"by":"x","duration":"8d"}""",
        400,
        "lasts longer than 7 days"
    )]
    [InlineData("POST", "/api/maintenance", """{"host":"n1","by":"x","duration":"61d"}""", 400, "lasts longer than 60 days")]
    [InlineData("GET", "/api/incidents?limit=0", "", 400, "limit = 0")]
    [InlineData("GET", "/api/incidents/nope", "", 404, "nope")]
    public async Task What_can_not_be_done_is_a_problem_that_names_it(string method, string path, string body, int status, string named)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = body.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json"),
        };
        using var response = await _http.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(named, Text(await response.Content.ReadFromJsonAsync<JsonElement>(), "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silence_of_the_fleet_is_accepted_with_force()
    {
        using var added = await Post(
            "/api/silences",
            """{"matchers":[{"name":"host","value":".+","is_regex":true}],"by":"ann","duration":"8d","force":true}"""
        );

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
    }

    [Fact]
    public async Task No_message_names_a_type_of_the_program()
    {
        string[] bodies =
        [
            "[]",
            "null",
            "1",
            "{\"by\":1}",
            "{\"starts_at\":\"x\"}",
            "{\"matchers\":[1]}",
            "{\"force\":\"yes\"}",
            "{\"x\":1}",
            "{",
        ];
        foreach (var body in bodies)
        {
            using var response = await Post("/api/silences", body);
            var detail = Text(await response.Content.ReadFromJsonAsync<JsonElement>(), "detail");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.DoesNotMatch("System\\.|GpuActors|\\[\\]|Json|\\$\\.", detail!.Replace("JSON", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_form_of_a_page_in_a_browser_can_silence_nothing()
    {
        using var content = new StringContent(
            """{"matchers":[{"name":"host","value":"n1"}],"duration":"2h","by":"x"}""",
            Encoding.UTF8,
            "text/plain"
        );
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await _http.PostAsync("/api/silences", content)).StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var response = await Post("/api/silences", $$"""{"by":"{{new string('x', 100_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_notify_that_does_not_answer_is_told()
    {
        _desks.IsDown = true;

        using var response = await _http.PostAsJsonAsync("/api/alerts/a1/ack", new { by = "ann" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("check first", Text(await response.Content.ReadFromJsonAsync<JsonElement>(), "detail"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _http.GetAsync("/api/incidents")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _http.GetAsync("/api/alerts")).StatusCode);
    }

    public Task DisposeAsync() => _endpoint.DisposeAsync().AsTask();

    public void Dispose() => _http.Dispose();

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();

    private Task<JsonElement> Get(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    private async Task<HttpResponseMessage> Post(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await _http.PostAsync(path, content);
    }
}
