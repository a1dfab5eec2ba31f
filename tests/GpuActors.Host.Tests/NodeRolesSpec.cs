using System.Collections;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Akka.Actor;
using Akka.Cluster;
using GpuActors.Host.Configuration;
using GpuActors.Host.Http;
using GpuActors.Host.Node;
using GpuActors.Host.Settings;
using GpuActors.Kafka.Admin;
using GpuActors.Storage;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>
/// Any mix of roles is a node: a cluster of its own, its endpoint, and a broker inside the process where a role needs one.
/// </summary>
public sealed class NodeRolesSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly HttpClient _http = new();

    [Theory]
    [InlineData("detect", 200, 200)]
    [InlineData("store", 404, 404)]
    [InlineData("detect,api", 200, 200)]
    [InlineData("store,api", 503, 503)]
    [InlineData("api,collect", 503, 503)]
    public async Task Any_mix_of_roles_starts_becomes_ready_and_stops(string roles, int alerts, int silences)
    {
        using var broker = EmbeddedBroker.Start();
        await RunAsync(
            broker,
            roles,
            async _ =>
            {
                await Eventually.Get(() => Status("/health/ready"), status => status == HttpStatusCode.OK);
                // A node is ready before the copy of the silences has come.
                await Eventually.Get(() => Status("/api/alerts"), status => (int)status == alerts);
                await Eventually.Get(() => Status("/api/silences"), status => (int)status == silences);
                using var gpu = await _http.GetAsync("/api/gpu/GPU-1/status");
                Assert.Contains(
                    roles == "store" ? "role api or detect"
                        : alerts == 200 ? "No sample of GPU-1"
                        : "did not answer in time",
                    await gpu.Content.ReadAsStringAsync(),
                    StringComparison.Ordinal
                );
            }
        );
    }

    [Fact]
    public async Task A_node_that_serves_the_fleet_alone_needs_no_broker_and_says_what_it_can_not_know() =>
        await RunAsync(
            null,
            "api",
            async _ =>
            {
                using var ready = await _http.GetAsync("/health/ready");
                Assert.Equal(
                    ["cluster"],
                    (await ready.Content.ReadFromJsonAsync<JsonElement>())
                        .GetProperty("checks")
                        .EnumerateObject()
                        .Select(check => check.Name)
                );
                Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
                using var alerts = await _http.GetAsync("/api/alerts");
                Assert.Contains("No node of the cluster detects", await alerts.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_whose_membership_ends_is_not_ready_from_then_on(bool leaves) =>
        await RunAsync(
            null,
            "api",
            async node =>
            {
                var cluster = Cluster.Get(node.System);
                Assert.Equal(HttpStatusCode.OK, await Status("/health/ready"));
                (leaves ? (Action<Address>)cluster.Leave : cluster.Down)(cluster.SelfAddress);
                await Eventually.Get(() => Status("/health/ready"), status => status == HttpStatusCode.ServiceUnavailable);

                await node.System.WhenTerminated.Completes();
                Assert.Equal(HttpStatusCode.ServiceUnavailable, await Status("/health/ready"));
                Assert.Equal(HttpStatusCode.OK, await Status("/health/live"));
            }
        );

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<HttpStatusCode> Status(string path)
    {
        using var response = await _http.GetAsync(path);
        return response.StatusCode;
    }

    private async Task RunAsync(EmbeddedBroker? broker, string roles, Func<NodeRuntime, Task> then)
    {
        var settings = HostSettings.Bind(
            ConfigLoader.Load(
                [],
                [
                    $"node.roles={roles}",
                    $"kafka.bootstrap-servers={broker?.BootstrapServers ?? "127.0.0.1:1"}",
                    "kafka.topics.partitions=2",
                    "kafka.consumer.fetch-wait=10ms",
                    "log.level=error",
                    $"storage.connection-string=Data Source={Path.Combine(_folder, "gpuactors.db")};Pooling=False",
                ],
                new Hashtable()
            )
        );
        await using (var store = TelemetryStores.Create(settings.Storage))
        {
            await store.MigrateAsync(CancellationToken.None);
        }

        foreach (var topic in settings.Topics.All)
        {
            broker?.CreateTopic(topic, settings.TopicLayout.Partitions);
        }

        await NodeChecks.RunAsync(settings, CancellationToken.None);
        await using var node = await NodeRuntime.StartAsync(settings, CancellationToken.None);
        await using var endpoint = await NodeEndpoint.StartAsync(
            new ApiSettings { Port = 0 },
            NodeCommand.View(node),
            CancellationToken.None
        );
        _http.BaseAddress = endpoint.Address;
        await then(node);
        await node.DrainAsync();
    }
}
