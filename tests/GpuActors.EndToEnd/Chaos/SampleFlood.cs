using System.Buffers;
using GpuActors.Core.Codecs;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Kafka;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// Fills a topic with samples of a fleet, at maximum speed or at a constant rate, and with malformed records between them, which are
/// truncated samples.
/// </summary>
internal static class SampleFlood
{
    /// <param name="bootstrap">Addresses of the brokers.</param>
    /// <param name="topic">An existing topic.</param>
    /// <param name="gpus">Number of GPUs, whose samples are produced in turn.</param>
    /// <param name="good">Number of valid samples.</param>
    /// <param name="goodPerBad">Number of valid samples per malformed record; 0 for no malformed records.</param>
    /// <param name="partitions">Number of partitions of the topic.</param>
    /// <param name="goodPerSecond">Valid samples per second; 0 for maximum speed.</param>
    public static async Task Write(
        string bootstrap,
        string topic,
        int gpus,
        long good,
        int goodPerBad,
        int partitions,
        int goodPerSecond = 0
    )
    {
        var registry = new GpuRegistry();
        var fleet = Enumerable.Range(0, gpus).Select(n => new FleetGpu(n, registry, partitions)).ToArray();
        var failed = 0;
        await using var producer = new KafkaRecordProducer(
            new KafkaClientSettings { BootstrapServers = bootstrap },
            new KafkaProducerSettings { Linger = TimeSpan.FromMilliseconds(20), MaxQueuedRecords = 200_000 }
        );
        var sample = new GpuSample();
        var buffer = new ArrayBufferWriter<byte>(2048);
        var nowMs = Clock.NowMs;
        var startMs = nowMs - (good / gpus * 1000);
        for (var n = 0L; n < good; n++)
        {
            while (goodPerSecond > 0 && (Clock.NowMs - nowMs) * goodPerSecond < n * 1000)
            {
                await Task.Delay(1);
            }

            var gpu = fleet[n % gpus];
            gpu.Fill(sample, n / gpus, startMs + (n / gpus * 1000), brakes: false);
            buffer.ResetWrittenCount();
            SampleEncoder.Write(buffer, sample);
            await Send(gpu.Key, buffer.WrittenSpan.ToArray());
            if (goodPerBad > 0 && n % goodPerBad == goodPerBad - 1)
            {
                await Send(gpu.Key, buffer.WrittenSpan[..(buffer.WrittenCount / 2)].ToArray());
            }
        }

        using var limit = new CancellationTokenSource(Eventually.Limit);
        await producer.FlushAsync(limit.Token);
        if (failed > 0)
        {
            throw new InvalidOperationException($"The broker did not take {failed} records of {topic}");
        }

        async Task Send(byte[] key, byte[] value)
        {
            while (
                !producer.TryProduce(
                    new OutgoingRecord(topic, key, value),
                    (_, error, _) => Interlocked.Add(ref failed, error is null ? 0 : 1)
                )
            )
            {
                await Task.Delay(5);
            }
        }
    }
}
