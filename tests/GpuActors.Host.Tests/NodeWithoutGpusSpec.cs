using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>A node that serves the fleet where no node detects.</summary>
public sealed class NodeWithoutGpusSpec : NodeSpec
{
    [Theory]
    [InlineData("store,api", 503, 503)]
    [InlineData("api,collect", 503, 503)]
    public Task Any_mix_of_roles_starts_becomes_ready_and_stops(string roles, int alerts, int silences) =>
        StartsBecomesReadyAndStops(roles, alerts, silences);

    [Fact]
    public async Task A_node_that_serves_the_fleet_alone_needs_no_broker_and_says_what_it_can_not_know() =>
        await RunAsync(
            null,
            "api",
            async _ =>
            {
                using var ready = await Http.GetAsync("/health/ready");
                Assert.Equal(
                    ["api", "cluster"],
                    (await ready.Content.ReadFromJsonAsync<JsonElement>())
                        .GetProperty("checks")
                        .EnumerateObject()
                        .Select(check => check.Name)
                        .Order(StringComparer.Ordinal)
                );
                Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
                using var alerts = await Http.GetAsync("/api/alerts");
                var problem = await alerts.Content.ReadAsStringAsync();
                Assert.Contains("No node of the cluster has the role notify", problem, StringComparison.Ordinal);
            }
        );
}
