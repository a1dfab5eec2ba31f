using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams.Dsl;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Messaging;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Metrics;
using GpuActors.Storage;

namespace GpuActors.Benchmarks;

/// <summary>
/// A whole fleet that is a week old, in one process: <c>checkpoint-fleet write GPUS CONNECTION</c> fills a PostgreSQL database with its
/// checkpoints, and <c>checkpoint-fleet restore GPUS CONNECTION</c> starts DETECT on it, and says how long it takes until every GPU's actor
/// has its state, what the process then takes, and what one checkpoint of all shards costs.
/// </summary>
internal static class FleetCheckpointBenchmark
{
    private const long StartMs = 1_795_435_200_000;
    private const int Partitions = 12;
    private const int Simulated = 16;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string what, int gpus, string connection)
    {
        await using var store = CheckpointStores.Create(StorageProvider.Postgres, connection);
        if (what == "write")
        {
            await WriteAsync(store, gpus).ConfigureAwait(false);
            return 0;
        }

        await RestoreAsync(store, gpus).ConfigureAwait(false);
        return 0;
    }

    private static async Task WriteAsync(ICheckpointStore store, int gpus)
    {
        var fleet = new AgedFleet(Simulated, StartMs);
        fleet.RunTo(StartMs + (7 * 86_400_000L));
        var saved = fleet.States.Values.Select(state => state.Save()).ToArray();
        var shards = Enumerable.Range(0, gpus).Select(Gpu).ToLookup(gpu => Murmur2.Partition(gpu, Partitions));
        for (var shard = 0; shard < Partitions; shard++)
        {
            using var draft = new CheckpointDraft(1, 0);
            var slot = 0;
            foreach (var gpu in shards[shard])
            {
                draft.Add(gpu, slot, GpuState.Load(gpu, saved[slot++ % saved.Length]));
            }

            var head = new CheckpointHead(shard, 1, 1, 1, null, null);
            await store.WriteAsync(head, draft.Pieces, 0, 0, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task RestoreAsync(ICheckpointStore store, int gpus)
    {
        using var metrics = new EngineMetrics();
        await using var producer = new NullProducer();
        using var system = ActorSystem.Create(
            "gpuactors",
            ConfigurationFactory
                .ParseString(
                    """
                    akka {
                      loglevel = WARNING
                      actor.provider = cluster
                      remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
                      cluster.roles = [detect]
                    }
                    """
                )
                .WithFallback(EngineConfig.Akka())
        );
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(cluster.SelfAddress).ConfigureAwait(false);
        var start = Stopwatch.GetTimestamp();
        var engine = await DetectEngine
            .StartAsync(
                system,
                new DetectOptions
                {
                    Samples = () =>
                        Source.From<IPartitionBatches<SampleBatch>>(
                            Enumerable.Range(0, Partitions).Select(partition => new HeldPartition(partition))
                        ),
                    Producer = producer,
                    Registry = new GpuRegistry(),
                    Partitions = Partitions,
                    Topic = "gpu-metrics-raw",
                    Rules = new RuleBook(new RuleSettings()),
                    Detect = new DetectSettings { AbsenceCheckInterval = TimeSpan.Zero, CheckpointInterval = Interval },
                    Checkpoints = store,
                    Metrics = metrics,
                }
            )
            .ConfigureAwait(false);
        while (engine.Gpus < gpus)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
        }

        var restored = Stopwatch.GetElapsedTime(start);
        var peak = Process.GetCurrentProcess().PeakWorkingSet64;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        // Two rounds of the timer: one may have begun before the last GPU was there.
        await Task.Delay(2 * Interval).ConfigureAwait(false);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{engine.Gpus:N0} GPUs restored after {restored.TotalSeconds:0.0} s, peak {peak / 1e9:0.0} GB; "
                    + $"two checkpoints of each took {(process.TotalProcessorTime - cpu).TotalMicroseconds / 2 / gpus:0} µs of CPU per GPU "
                    + $"in all, peak then {process.PeakWorkingSet64 / 1e9:0.0} GB, "
                    + $"live {GC.GetTotalMemory(forceFullCollection: true) / 1e9:0.0} GB"
            )
        );
        await system.Terminate().ConfigureAwait(false);
    }

    private static GpuId Gpu(int number) => GpuId.Parse($"GPU-{number:x8}-0000-4000-8000-{number:x12}");

    // A partition that is assigned and brings nothing.
    private sealed class HeldPartition(int partition) : IPartitionBatches<SampleBatch>
    {
        private readonly Channel<SampleBatch> _batches = Channel.CreateBounded<SampleBatch>(1);

        public int Partition => partition;

        public ChannelReader<SampleBatch> Batches => _batches.Reader;

        public CancellationToken Leaving => CancellationToken.None;

        public bool HasGone => false;

        public Func<Task>? BeforeRelease { get; set; }

        public void CommitUpTo(long nextOffset) { }

        public Task<long?> QueryEndOffsetAsync(TimeSpan timeout) => Task.FromResult<long?>(null);

        public void Done(SampleBatch batch) { }

        public void Skip(SampleBatch batch) { }

        public void ReaderStopped() { }
    }
}
