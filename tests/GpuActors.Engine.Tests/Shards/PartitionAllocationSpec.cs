using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams.Dsl;
using GpuActors.Core.Gpus;
using GpuActors.Core.Messaging;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Shards;

/// <summary>Two nodes of one cluster in this process: GPUs live where their partition is consumed, and move with it.</summary>
public sealed class PartitionAllocationSpec : IAsyncLifetime
{
    private const int Gpus = 60;
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-").FullName;
    private readonly List<Node> _nodes = [];

    [Fact]
    public async Task Gpus_live_where_their_partition_is_consumed_and_move_with_it_with_their_windows()
    {
        var a = await Start(null);
        var b = await Start(a.System);
        for (var partition = 0; partition < Batches.Partitions; partition++)
        {
            (partition < Batches.Partitions / 2 ? a : b).Assign(partition);
        }

        for (var second = 0; second < 10; second++)
        {
            FeedAll(second, partition => partition < Batches.Partitions / 2 ? a : b);
        }

        var onA = GpusOf(partition => partition < Batches.Partitions / 2);
        await Eventually.Until(
            () => a.Metrics.Snapshot().SamplesApplied + b.Metrics.Snapshot().SamplesApplied == 10 * Gpus,
            () => $"{a.Metrics.Snapshot().SamplesApplied} + {b.Metrics.Snapshot().SamplesApplied} samples applied"
        );
        await Eventually.Until(
            () => a.Engine.Gpus == onA && b.Engine.Gpus == Gpus - onA,
            () => $"{a.Engine.Gpus} and {b.Engine.Gpus} GPUs, {onA} belong to the first"
        );

        // The first node loses its partitions; the second reads them again from the start, as after a crash without commit.
        for (var partition = 0; partition < Batches.Partitions / 2; partition++)
        {
            a.Revoke(partition);
            b.Assign(partition);
        }

        for (var second = 0; second < 20; second++)
        {
            var replayed = second;
            FeedAll(second, partition => replayed < 10 && partition >= Batches.Partitions / 2 ? null : b);
        }

        await Eventually.Until(() => a.Engine.Gpus == 0 && b.Engine.Gpus == Gpus, () => $"{a.Engine.Gpus} and {b.Engine.Gpus} GPUs");
        await Eventually.Until(
            () => b.Engine.BatchesInFlight == 0 && b.Metrics.Snapshot().SamplesProcessed == 20 * Gpus,
            () => $"{b.Metrics.Snapshot().SamplesProcessed} samples processed"
        );
        for (var gpu = 0; gpu < Gpus; gpu++)
        {
            var status = await b.Engine.StatusAsync(Batches.Gpu(gpu), Eventually.Limit);
            Assert.Equal((20L, Undisturbed(gpu).TimeMs), (status!.Samples, status.TimeMs));
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.System.Terminate().Completes();
            node.Metrics.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static GpuState Undisturbed(int gpu)
    {
        var registry = new GpuRegistry();
        var state = new GpuState(Batches.Gpu(gpu));
        for (var second = 0; second < 20; second++)
        {
            _ = state.Apply(Batches.Of(registry, 0, second, (gpu, second, 0)).Samples[0], new RuleSettings(), []);
        }

        return state;
    }

    private static int GpusOf(Func<int, bool> partitions) =>
        Enumerable.Range(0, Gpus).Count(g => partitions(Murmur2.Partition(Batches.Gpu(g), Batches.Partitions)));

    // A second of the whole fleet: one batch a partition, with offsets that grow from second to second.
    private static void FeedAll(int second, Func<int, Node?> consumer)
    {
        foreach (var gpus in Enumerable.Range(0, Gpus).GroupBy(g => Murmur2.Partition(Batches.Gpu(g), Batches.Partitions)))
        {
            if (consumer(gpus.Key) is { } node)
            {
                node.Feed(gpus.Key, Batches.Of(node.Registry, gpus.Key, second * 1000L, [.. gpus.Select(g => (g, second, 0))]));
            }
        }
    }

    private async Task<Node> Start(ActorSystem? seed)
    {
        var sql = $"connection-string = \"Data Source={Path.Combine(_folder, "journal.db")}\", provider-name = \"SQLite.MS\"";
        var system = ActorSystem.Create(
            "gpuactors",
            ConfigurationFactory
                .ParseString(
                    $$"""
                    akka {
                      loglevel = ERROR
                      coordinated-shutdown.run-by-actor-system-terminate = off
                      actor.provider = cluster
                      remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
                      cluster.roles = [detect]
                      persistence.journal { plugin = "akka.persistence.journal.sql", sql { {{sql}} } }
                      persistence.snapshot-store { plugin = "akka.persistence.snapshot-store.sql", sql { {{sql}} } }
                    }
                    """
                )
                .WithFallback(EngineConfig.Akka())
        );
        await Akka.Cluster.Cluster.Get(system).JoinAsync(Akka.Cluster.Cluster.Get(seed ?? system).SelfAddress).Completes();
        var node = new Node(system, _folder);
        _nodes.Add(node);
        await node.Run();
        return node;
    }

    private sealed class Node(ActorSystem system, string folder)
    {
        private readonly Channel<IPartitionBatches<SampleBatch>> _assigned = Channel.CreateBounded<IPartitionBatches<SampleBatch>>(100);
        private readonly Dictionary<int, TestPartition<SampleBatch>> _partitions = [];

        public ActorSystem System => system;

        public EngineMetrics Metrics { get; } = new();

        public GpuRegistry Registry { get; } = new();

        public DetectEngine Engine { get; private set; } = null!;

        public async Task Run() =>
            Engine = await DetectEngine.StartAsync(
                system,
                new DetectOptions
                {
                    Samples = () => ChannelSource.FromReader(_assigned.Reader),
                    Producer = new FakeProducer(),
                    Registry = Registry,
                    Partitions = Batches.Partitions,
                    Topic = "gpu-metrics-raw",
                    Rules = new RuleBook(new RuleSettings()),
                    Detect = new DetectSettings { AbsenceCheckInterval = TimeSpan.Zero },
                    Checkpoints = OneNode.Checkpoints(folder),
                    Metrics = Metrics,
                }
            );

        public void Assign(int partition)
        {
            var assigned = _partitions[partition] = new TestPartition<SampleBatch>(partition, capacity: 1000);
            Assert.True(_assigned.Writer.TryWrite(assigned));
        }

        public void Revoke(int partition) => _partitions[partition].Revoke();

        public void Feed(int partition, SampleBatch batch) => _partitions[partition].Add(batch);
    }
}
