using System.Collections;
using System.Text.Json;
using GpuActors.Core.Gpus;
using GpuActors.Host.Http;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>What an operator types, against a node's real endpoint.</summary>
public sealed class OperatingCommandsTests : IAsyncLifetime
{
    private readonly AlertDesks _desks = new();
    private NodeEndpoint _endpoint = null!;

    public async Task InitializeAsync() =>
        _endpoint = await NodeEndpoint.StartAsync(
            new ApiSettings { Port = 0 },
            new NodeView
            {
                Readiness = () => new Dictionary<string, bool>(),
                GpuStatus = (_, _) => Task.FromResult<object?>(null),
                Alerts = _desks.Desk,
                Retire = (scope, name) => Task.FromResult(name == "n1" && scope == RetireScope.Host ? 8 : 0),
            },
            NullLoggerFactory.Instance,
            CancellationToken.None
        );

    [Fact]
    public async Task An_alert_is_listed_acknowledged_and_taken_back()
    {
        Assert.Contains("a1 2026-11-23T12:00:00", (await Run("alerts")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("alerts", "ack", "a1", "--by", "ann", "--comment", "on it")).Code);
        Assert.Contains("acknowledged by ann", (await Run("alerts", "--gpu", "GPU-1")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("alerts", "unack", "a1")).Code);
        Assert.DoesNotContain("acknowledged", (await Run("alerts")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alerts_that_are_left_out_are_counted()
    {
        _desks.LeftOut = 7;
        Assert.Contains("7 more are left out", (await Run("alerts")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silence_is_added_listed_and_ended()
    {
        var added = await Run("silences", "add", "host=~n[0-9]", "rule=power_brake", "--for", "2h", "--by", "ann", "--json");
        Assert.Equal(0, added.Code);
        var id = JsonDocument.Parse(added.Out).RootElement.GetProperty("id").GetString()!;

        Assert.Contains("host=~n[0-9] rule=power_brake", (await Run("silences", "list")).Out, StringComparison.Ordinal);
        Assert.Contains($"silenced by {id}", (await Run("alerts")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("silences", "expire", id)).Code);
        Assert.Contains("Nothing is silenced", (await Run("silences")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_maintenance_begins_in_the_name_of_the_user()
    {
        var run = await Run("maintenance", "start", "--host", "n1", "--for", "2h");

        Assert.Equal(0, run.Code);
        Assert.Contains("maintenance active host=n1", run.Out, StringComparison.Ordinal);
        Assert.Contains("by operator", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_is_retired_and_an_unknown_one_is_an_error()
    {
        var run = await Run("retire", "host", "n1");
        Assert.Equal((0, "8 GPUs are retired."), (run.Code, run.Out.Trim()));
        Assert.Equal(
            """{"retired":8}""",
            (await Run("retire", "host", "n1", "--json")).Out.Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings("")
        );

        var unknown = await Run("retire", "rack", "n1");
        Assert.NotEqual(0, unknown.Code);
        Assert.Contains("No GPU of rack n1 is known", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silence_of_the_fleet_needs_force()
    {
        var refused = await Run("silences", "add", "host=~.*", "--for", "2h");
        Assert.Equal(1, refused.Code);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await Run("silences", "add", "host=~.+", "--for", "2h", "--force")).Code);
    }

    [Fact]
    public async Task Without_a_user_in_the_environment_somebody_is_named_all_the_same()
    {
        var run = await TestRun.Of("maintenance", "start", "--host", "n1", "--for", "2h", "--node", _endpoint.Address.ToString());

        Assert.Equal(0, run.Code);
        Assert.Matches("by \\S+", run.Out);
    }

    [Fact]
    public async Task An_unknown_severity_is_refused_with_those_that_exist()
    {
        var run = await TestRun.Of("alerts", "--severity", "foo");

        Assert.All(["info", "warning", "critical"], known => Assert.Contains(known, run.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("alerts")]
    [InlineData("silences")]
    [InlineData("incidents")]
    [InlineData("doctor", "--timeout", "5m", "--target", "http://127.0.0.1:1")]
    public async Task A_command_that_is_interrupted_says_so(params string[] args)
    {
        var run = await TestRun.Of(args, new Hashtable(), new CancellationToken(true));

        Assert.Equal(130, run.Code);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Incidents_are_listed()
    {
        Assert.Contains("power on host n1: 2 alerts", (await Run("incidents")).Out, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await Run("incidents", "--json", "--all")).Out);
        Assert.Equal(1, json.RootElement.GetProperty("incidents").GetArrayLength());
    }

    [Theory]
    [InlineData("alerts", "ack", "nope", "--by", "ann")]
    [InlineData("silences", "expire", "nope")]
    [InlineData("silences", "add", "host=~(", "--for", "2h")]
    [InlineData("silences", "add", "host=n1", "--for", "90d")]
    public async Task What_a_node_refuses_ends_with_1_and_its_reason(params string[] args)
    {
        var run = await Run(args);

        Assert.Equal(1, run.Code);
        Assert.Contains("error:", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("silences", "add", "host", "--for", "2h")]
    [InlineData("silences", "add", "host=n1")]
    [InlineData("silences", "add", "--for", "2h")]
    [InlineData("maintenance", "start", "--for", "2h")]
    [InlineData("maintenance", "start", "--host", "n1", "--for", "2")]
    [InlineData("maintenance", "--set", "api.prt=1")]
    [InlineData("alerts", "ack")]
    [InlineData("alerts", "--severity", "foo")]
    [InlineData("alerts", "--rule", "foo")]
    [InlineData("alerts", "--node", "n1")]
    public async Task What_cannot_be_used_ends_with_2(params string[] args) => Assert.Equal(2, (await TestRun.Of(args)).Code);

    [Fact]
    public async Task A_node_that_does_not_answer_is_named_with_the_remedy()
    {
        var run = await TestRun.Of("alerts", "--node", "http://127.0.0.1:1");

        Assert.Equal(1, run.Code);
        Assert.Contains("http://127.0.0.1:1/", run.Error, StringComparison.Ordinal);
        Assert.Contains("--node", run.Error, StringComparison.Ordinal);
    }

    public Task DisposeAsync() => _endpoint.DisposeAsync().AsTask();

    private Task<TestRun> Run(params string[] args) =>
        TestRun.Of([.. args, "--node", _endpoint.Address.ToString()], new Hashtable { ["USER"] = "operator" });
}
