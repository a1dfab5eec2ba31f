using Akka;
using Akka.Streams.Dsl;
using GpuActors.Core.Logs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Engine.Tests;

/// <summary>Batches by hand.</summary>
internal static class Batches
{
    public const int Partitions = 12;

    /// <summary>Append time of the sample at second 0.</summary>
    public const long StartMs = 1_795_000_000_000;

    public static GpuId Gpu(int number) => GpuId.Parse($"GPU-{number:x8}-0000-0000-0000-000000000000");

    /// <summary>One sample per entry: GPU number, second, throttle mask.</summary>
    public static SampleBatch Of(
        GpuRegistry registry,
        int partition,
        long firstOffset,
        params ReadOnlySpan<(int Gpu, int Second, int Mask)> samples
    )
    {
        var batch = new SampleBatch();
        batch.Reset(partition);
        foreach (var (gpu, second, mask) in samples)
        {
            var sample = batch.Next();
            sample.Gpu = registry.Intern(Gpu(gpu));
            sample.Info = new GpuInfo("n1", gpu % 8, "", "NVIDIA H100 80GB HBM3", "550.127.08");
            sample.TimeMs = sample.AppendTimeMs = StartMs + (second * 1000L);
            sample.Partition = partition;
            sample.Offset = firstOffset;
            sample[Metric.GpuTemp] = 60;
            sample[Metric.ThrottleReasons] = mask;
            batch.Accept(firstOffset++);
        }

        return batch;
    }

    /// <summary>What the kernel says of an XID at a second.</summary>
    public static KernelLogEvent Xid(int gpu, int second, int code) =>
        new(
            Gpu(gpu),
            KernelLogKind.Xid,
            code,
            StartMs + (second * 1000L),
            "n1",
            "00000000:b3:00.0",
            $"NVRM: Xid (PCI:0000:b3:00): {code}, pid=1"
        );

    /// <summary>Lines in offset order, appended a millisecond after they were logged.</summary>
    public static KernelLogBatch Logs(int partition, long firstOffset, params IReadOnlyList<KernelLogEvent> lines) =>
        new(
            partition,
            firstOffset,
            firstOffset + lines.Count,
            [.. lines.Select((line, i) => new KernelLogRecord(firstOffset + i, line.TimeMs + 1, line))],
            []
        );

    /// <summary>The source of a consumer that is assigned one partition.</summary>
    public static Source<IPartitionBatches<T>, NotUsed> Source<T>(int partition, Action<T> done, params T[] batches)
        where T : class => Source(new TestPartition<T>(partition) { OnDone = done }.Provide(batches));

    /// <summary>The source of a consumer that is assigned partitions one after the other.</summary>
    public static Source<IPartitionBatches<T>, NotUsed> Source<T>(params TestPartition<T>[] partitions)
        where T : class => Akka.Streams.Dsl.Source.From<IPartitionBatches<T>>(partitions);
}
