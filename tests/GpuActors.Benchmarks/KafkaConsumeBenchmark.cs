using System.Diagnostics;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Kafka;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Settings;

namespace GpuActors.Benchmarks;

/// <summary>
/// Samples a second that one consumer thread reads, decodes and validates, with streams that only mark batches as done. Reads a topic that
/// holds samples already (preload it first), once from its start: <c>kafka-consume BOOTSTRAP TOPIC RECORDS</c>.
/// </summary>
internal static class KafkaConsumeBenchmark
{
    public static async Task RunAsync(string bootstrap, string topic, long records)
    {
        using var system = ActorSystem.Create("bench", "akka.loglevel = WARNING");
        var materializer = system.Materializer();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = 0L;
        var (read, samples, rejected, batches) = (0L, 0L, 0L, 0L);
        var client = new KafkaClientSettings { BootstrapServers = bootstrap };
        var settings = new KafkaConsumerSettings { Topic = topic, GroupId = $"bench-{Guid.NewGuid():N}" };
        var batcher = new SampleRecordBatcher(new GpuRegistry(), new ValidationSettings());
        var control = KafkaSource
            .CommittablePartitionedSource(client, settings, () => batcher)
            .ToMaterialized(Sink.ForEach<IPartitionBatches<SampleBatch>>(partition => _ = ReadAsync(partition)), Keep.Left)
            .Run(materializer);

        async Task ReadAsync(IPartitionBatches<SampleBatch> partition)
        {
            await foreach (var batch in partition.Batches.ReadAllAsync().ConfigureAwait(false))
            {
                Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
                Interlocked.Increment(ref batches);
                Interlocked.Add(ref samples, batch.Count);
                Interlocked.Add(ref rejected, batch.Rejected.Count);
                var count = batch.RecordCount;
                partition.Done(batch);
                if (Interlocked.Add(ref read, count) >= records)
                {
                    all.TrySetResult();
                }
            }
        }

        await Task.WhenAny(all.Task, control.Completion).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(first).TotalSeconds;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        await control.DrainAndStop().ConfigureAwait(false);
        Console.WriteLine(
            $"{read} records ({samples} samples, {rejected} rejected, {batches} batches) in {seconds:F2} s: "
                + $"{read / seconds:F0}/s, {cpu / read * 1e6:F2} us CPU each (process, start included), {GC.CollectionCount(0)} gen-0 "
                + $"and {GC.CollectionCount(2)} gen-2 collections, {GC.GetTotalAllocatedBytes() / read} B allocated each, fast path "
                + $"{batcher.Decoder.Json.FastRecords}"
        );
    }
}
