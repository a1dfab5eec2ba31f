using Akka.Actor;
using BenchmarkDotNet.Attributes;
using GpuActors.Core.Samples;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Gpus;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Streams;

namespace GpuActors.Benchmarks;

/// <summary>
/// The feeder of one partition: chains a batch by GPU, tells each GPU's actor, awaits the ticket. The actors complete their part at once
/// and on the same thread, so that the figure holds neither mailboxes nor rules.
/// </summary>
[MemoryDiagnoser]
public class RoutingBenchmarks
{
    private const int Gpus = 1_000;
    private PartitionFeeder _feeder = null!;
    private SampleBatch _batch = null!;

    /// <summary>A thousand GPUs whose actors are on this node.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var registry = new GpuRegistry();
        _batch = BenchmarkSamples.Batch(registry, Gpus);
        var routes = new GpuRoutes(registry);
        var actor = new CompletingActor();
        foreach (var sample in _batch.Samples)
        {
            routes.Enter(sample.Gpu, actor, sample.AppendTimeMs);
        }

        _feeder = new PartitionFeeder(
            new FeederServices(
                actor,
                routes,
                new Tickets(),
                actor,
                new DeadLetterWriter(new DeadLetterProducer(new NullProducer(), "dead-letter", "raw", TimeProvider.System)),
                new EngineMetrics(),
                TimeSpan.FromMinutes(1),
                Partitions: 12
            ),
            new ForeignShards()
        );
    }

    /// <summary>One sample of each GPU; the figure is per sample.</summary>
    [Benchmark(OperationsPerInvoke = Gpus)]
    public Task<SampleBatch> Feed() => _feeder.Feed(_batch);

    private sealed class CompletingActor : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(new Address("akka", "benchmark")) / "gpu";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) =>
            ((GpuActorProtocol.IngestSamples)message).Ticket!.Complete();
    }
}
