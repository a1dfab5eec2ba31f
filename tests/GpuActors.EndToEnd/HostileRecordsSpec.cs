using System.Globalization;
using System.Net;
using System.Text;
using Confluent.Kafka;
using GpuActors.Testing;
using Xunit;
using Xunit.Abstractions;

namespace GpuActors.EndToEnd;

/// <summary>
/// Whatever well-formed JSON comes, no record stops a partition or costs another one: each becomes a row or a dead letter, once.
/// <c>GPUACTORS_HOSTILE_RECORDS</c> sets how many records are sent (5,000 unless set), <c>GPUACTORS_HOSTILE_SEED</c> which.
/// </summary>
public sealed class HostileRecordsSpec(ITestOutputHelper output)
{
    // Of work that stands still, not of a slow machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [SkippableFact]
    public async Task Rows_and_dead_letters_are_as_many_as_records()
    {
        var count = Setting("GPUACTORS_HOSTILE_RECORDS", 5_000);
        var seed = Setting("GPUACTORS_HOSTILE_SEED", 1);
        await using var pipeline = await Pipeline.Start(gpus: 1);
        // A row that only the database refuses.
        await pipeline.Execute("alter table gpu_metrics add constraint no_95 check (gpu_temp is null or gpu_temp <> 95)");
        var (samples, lines) = Produce(pipeline.Bootstrap, new HostileRecords(seed, TimeProvider.System.GetUtcNow()), count);

        var (rows, letters) = await Settled(pipeline, samples);

        var report = pipeline.Node.Report(
            $"seed {seed}: {samples} samples and {lines} lines: {rows} rows, {letters.Count} dead letters, troubles: "
                + await pipeline.Text("/health/ready")
        );
        output.WriteLine(report[..Math.Min(400, report.Length)]);
        Assert.True(rows + letters.Count(letter => letter.Topic == "gpu-metrics-raw") == samples, report);
        Assert.Equal(samples, await pipeline.Query("select sum(next_offset)::bigint from ingest_offsets where topic = 'gpu-metrics-raw'"));
        Assert.Contains(letters, letter => letter.Reason == "refused_by_database");
        Assert.Contains(letters, letter => letter.Topic == "gpu-logs");
        Assert.Equal(0, await pipeline.NodeMetric("gpuactors_partitions_reopened_total"));
        Assert.DoesNotContain("restart", pipeline.Node.Errors + pipeline.Node.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, await pipeline.Status("/health/ready"));
        await Eventually.Until(async () => await pipeline.NodeMetric("gpuactors_outbox_depth") == 0);
    }

    private static (long Samples, long Lines) Produce(string bootstrap, HostileRecords records, long count)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = bootstrap,
            Partitioner = Partitioner.Murmur2Random,
            LingerMs = 20,
        };
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(config).Build();
        var (samples, lines, failed) = (0L, 0L, 0L);
        for (var i = 0L; i < count; i++)
        {
            var (topic, key, value) = records.Next();
            _ = topic == "gpu-logs" ? lines++ : samples++;
            while (true)
            {
                try
                {
                    producer.Produce(topic, new() { Key = key, Value = value }, report => failed += report.Error.IsError ? 1 : 0);
                    break;
                }
                catch (ProduceException<byte[]?, byte[]?> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(100));
                }
            }
        }

        producer.Flush(Eventually.Limit);
        Assert.Equal(0, failed);
        return (samples, lines);
    }

    // Until all records are accounted for, or nothing has come for a while.
    private static async Task<(long Rows, HashSet<(string Topic, string Partition, string Offset, string Reason)> Letters)> Settled(
        Pipeline pipeline,
        long samples
    )
    {
        var letters = new HashSet<(string Topic, string Partition, string Offset, string Reason)>();
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = pipeline.Bootstrap,
                GroupId = "dead-letter-reader",
                AutoOffsetReset = AutoOffsetReset.Earliest,
            }
        ).Build();
        consumer.Subscribe("gpu-metrics-dead-letter");
        var (last, since) = (-1L, Environment.TickCount64);
        while (true)
        {
            while (consumer.Consume(TimeSpan.FromSeconds(1)) is { } letter)
            {
                string Header(string name) => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(name));
                letters.Add((Header("topic"), Header("partition"), Header("offset"), Header("reason")));
            }

            var rows = await pipeline.Query("select count(*) from gpu_metrics");
            var sum = rows + letters.Count(letter => letter.Topic == "gpu-metrics-raw");
            if (sum >= samples || Environment.TickCount64 - since > Patience.TotalMilliseconds)
            {
                return (rows, letters);
            }

            (last, since) = sum == last ? (last, since) : (sum, Environment.TickCount64);
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
