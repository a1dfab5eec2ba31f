using System.Collections;
using System.Net;
using Akka.Actor;
using Akka.Cluster;
using GpuActors.Host.Configuration;
using GpuActors.Host.Node;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>Nodes that know each other by one name of DNS, each on a loopback address of its own.</summary>
public sealed class SeedClusterSpec : IDisposable
{
    private readonly int _port = FreePorts.Take(1)[0];
    private readonly List<ActorSystem> _systems = [];

    // Other systems have but one loopback address.
    [SkippableFact]
    public async Task Nodes_behind_one_name_form_one_cluster_and_one_that_is_not_behind_it_joins_them()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "127.0.0.2 is an address of this machine on Linux only");
        // The first is the last to start, so that the others could do it wrong.
        var unlisted = await StartAsync("127.0.0.4");
        var third = await StartAsync("127.0.0.3");
        var second = await StartAsync("127.0.0.2");
        var first = await StartAsync("127.0.0.1");

        foreach (var cluster in new[] { first, second, third, unlisted })
        {
            await Eventually.Until(() => cluster.State.Members.Count(m => m.Status == MemberStatus.Up) == 4);
        }
    }

    public void Dispose() => Task.WaitAll([.. _systems.Select(system => system.Terminate())], Eventually.Limit);

    private async Task<Cluster> StartAsync(string host)
    {
        var settings = HostSettings.Bind(
            ConfigLoader.Load(
                [],
                [
                    $"node.host={host}",
                    $"node.port={_port}",
                    $"node.seeds=dns:gpuactors:{_port}",
                    "log.level=error",
                    "akka.cluster.seed-node-timeout=500ms",
                ],
                new Hashtable()
            )
        );
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var seeds = new SeedNodes(
            (_, _) =>
                Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.3"), IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2")]),
            time,
            Wait
        );
        settings = settings with { Node = await seeds.PlaceAsync(settings.Node, Eventually.Limit, CancellationToken.None) };
        var system = ActorSystem.Create(ActorSystemConfig.SystemName, ActorSystemConfig.Of(settings));
        _systems.Add(system);
        return Cluster.Get(system);

        Task Wait(TimeSpan by, CancellationToken cancellationToken)
        {
            time.Advance(by);
            return Task.CompletedTask;
        }
    }
}
