using System.Collections;
using System.Net;
using GpuActors.Host.Configuration;
using GpuActors.Host.Http;
using GpuActors.Host.Node;
using GpuActors.Host.Settings;
using GpuActors.Kafka.Admin;
using GpuActors.Storage;
using GpuActors.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>
/// Runs a node with its endpoint in this process. Starting and stopping one takes seconds of waiting, so specs are spread over several
/// classes, which run at the same time.
/// </summary>
public abstract class NodeSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;

    private protected HttpClient Http { get; } = new();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private protected async Task StartsBecomesReadyAndStops(string roles, int alerts, int silences)
    {
        using var broker = EmbeddedBroker.Start();
        await RunAsync(
            broker,
            roles,
            async _ =>
            {
                await Eventually.Get(() => Status("/health/ready"), status => status == HttpStatusCode.OK);
                // A node is ready before NOTIFY has read its topics.
                await Eventually.Get(() => Status("/api/alerts"), status => (int)status == alerts);
                await Eventually.Get(() => Status("/api/silences"), status => (int)status == silences);
                using var gpu = await Http.GetAsync("/api/gpu/GPU-1/status");
                Assert.Contains(
                    roles == "store" ? "role api or detect"
                        : roles.Contains("detect", StringComparison.Ordinal) ? "No sample of GPU-1"
                        : "did not answer in time",
                    await gpu.Content.ReadAsStringAsync(),
                    StringComparison.Ordinal
                );
            }
        );
    }

    private protected async Task<HttpStatusCode> Status(string path)
    {
        using var response = await Http.GetAsync(path);
        return response.StatusCode;
    }

    private protected async Task RunAsync(EmbeddedBroker? broker, string roles, Func<NodeRuntime, Task> then)
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
        await using var node = await NodeRuntime.StartAsync(settings, NullLoggerFactory.Instance, CancellationToken.None);
        await using var endpoint = await NodeEndpoint.StartAsync(
            new ApiSettings { Port = 0 },
            NodeViews.Of(node),
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
        Http.BaseAddress = endpoint.Address;
        await then(node);
        await node.DrainAsync();
    }
}
