using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using GpuActors.Core.Samples;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>Each invalid record becomes a dead letter with its reason and bytes, and no valid record is lost because of it.</summary>
public sealed class BadInputSpec
{
    private static readonly string Now = TimeProvider
        .System.GetUtcNow()
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static readonly (string Name, string Reason, byte[]? Key, byte[]? Value)[] Bad =
    [
        Text("text that is not JSON", "unknown_format", "hello"),
        Text("malformed JSON", "malformed_json", "{\"v\":1,,}"),
        Text("JSON cut off", "malformed_json", Sample("GPU-1")[..40]),
        Text("text after the object", "malformed_json", Sample("GPU-1") + "}"),
        Text("a value of the wrong type", "wrong_type", Sample("GPU-1").Replace("61", "\"hot\"", StringComparison.Ordinal)),
        Text("NaN", "malformed_json", Sample("GPU-1").Replace("61", "NaN", StringComparison.Ordinal)),
        Text("a future version", "unknown_version", Sample("GPU-1").Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal)),
        Text("no version", "unknown_version", Sample("GPU-1").Replace("\"v\":1,", "", StringComparison.Ordinal)),
        Text("no GPU", "missing_gpu", Sample("GPU-1").Replace("\"gpu\":\"GPU-1\",", "", StringComparison.Ordinal)),
        Text("a GPU id with a control character", "invalid_gpu", Sample("GPU-1\\u0007")),
        Text("a GPU id with a raw control character", "malformed_json", Sample("GPU-1\u0007")),
        Text("a GPU id of 129 bytes", "invalid_gpu", Sample(new string('G', 129))),
        Text("no time", "missing_time", Sample("GPU-1").Replace($"\"ts\":\"{Now}\",", "", StringComparison.Ordinal)),
        Text("a time that is not RFC 3339", "invalid_time", Sample("GPU-1").Replace(Now, "yesterday", StringComparison.Ordinal)),
        Text("a time far ahead", "time_in_future", Sample("GPU-1").Replace(Now[..4], "2199", StringComparison.Ordinal)),
        Text("a time long past", "time_too_old", Sample("GPU-1").Replace(Now[..4], "1999", StringComparison.Ordinal)),
        Text("sentinels only", "no_metrics", Sample("GPU-1").Replace("61", "2147483632", StringComparison.Ordinal)),
        ("bytes of another format, cut off", "unknown_format", null, [0x0a, 0x28, 0x47, 0x50, 0x55, 0x2d, 0xff]),
        ("Protobuf, cut off", "malformed_protobuf", "GPU-1"u8.ToArray(), [0x08, 0x01, 0x12, 0x28, 0x47, 0x50, 0x55, 0x2d]),
        ("Protobuf of a future version", "unknown_version", "GPU-1"u8.ToArray(), [0x08, 0x02]),
        Text("a nested event cut off", "malformed_json", "{\"schema_version\":\"1.0\",\"event_type\":\"gpu_metric"),
        Text("a nested event of a future version", "unknown_version", "{\"schema_version\":\"2.0\"}"),
        Text(
            "a nested event of a GPU without UUID",
            "missing_gpu",
            "{\"schema_version\":\"1.0\",\"event_type\":\"gpu_metric_sample\","
                + $"\"timestamp\":\"{Now}\",\"gpu\":{{\"gpu_uuid\":\"unknown\"}}}}"
        ),
        ("an empty value", "empty_value", "GPU-1"u8.ToArray(), []),
        ("no value", "empty_value", "GPU-1"u8.ToArray(), null),
        ("5 MiB", "value_too_large", "GPU-1"u8.ToArray(), new byte[5 << 20]),
        ("a key of 2 MiB", "unknown_format", new byte[2 << 20], "hello"u8.ToArray()),
    ];

    [SkippableFact]
    public async Task Every_invalid_record_becomes_a_dead_letter_and_every_valid_one_a_row()
    {
        await using var pipeline = await Pipeline.Start(gpus: 1, "message.max.bytes=8388608", "replica.fetch.max.bytes=8388608");
        var produced = await Produce(pipeline.Bootstrap);
        var good = Bad.Length + 1;

        var letters = DeadLetters(pipeline.Bootstrap, Bad.Length);
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_metrics"),
            n => n >= good,
            n => pipeline.Node.Report($"{n} rows of {good}")
        );

        Assert.Equal(good, await pipeline.Query("select count(*) from gpu_metrics"));
        Assert.Equal(Bad.Length, letters.Count);
        Assert.Equal(Bad.Length, await pipeline.NodeMetric("gpuactors_detect_rejected_total"));
        foreach (var ((name, reason, key, value), at) in Bad.Zip(produced))
        {
            var letter = Assert.Single(letters, l => Header(l, "partition") == at.Partition && Header(l, "offset") == at.Offset);
            Assert.True(reason == Text(letter, "reason"), $"{name}: {Text(letter, "reason")} ({Text(letter, "detail")})");
            Assert.Equal("gpu-metrics-raw", Text(letter, "topic"));
            AssertKept(name, value, letter.Message.Value, letter, "original_length");
            AssertKept(name, key, letter.Message.Key, letter, "original_key_length");
        }
    }

    [SkippableFact]
    public async Task Rows_that_the_database_refuses_become_dead_letters_and_all_others_are_stored()
    {
        const int Records = 300,
            Refused = 3;
        await using var pipeline = await Pipeline.Start(gpus: 1);
        await pipeline.Execute("alter table gpu_metrics add constraint too_hot check (gpu_temp < 90)");
        using (var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = pipeline.Bootstrap }).Build())
        {
            for (var i = 0; i < Records; i++)
            {
                var sample = Sample("GPU-1").Replace("61", i % 100 == 50 ? "95" : "61", StringComparison.Ordinal);
                producer.Produce("gpu-metrics-raw", new() { Key = "GPU-1"u8.ToArray(), Value = Encoding.UTF8.GetBytes(sample) });
            }

            producer.Flush(Eventually.Limit);
        }

        var letters = DeadLetters(pipeline.Bootstrap, Refused);
        await Eventually.Get(
            () => pipeline.Query("select count(*) from gpu_metrics"),
            n => n >= Records - Refused,
            n => pipeline.Node.Report($"{n} rows of {Records - Refused}")
        );

        Assert.Equal(Records - Refused, await pipeline.Query("select count(*) from gpu_metrics"));
        Assert.Equal(Records, await pipeline.Query("select sum(next_offset)::bigint from ingest_offsets where topic = 'gpu-metrics-raw'"));
        Assert.Equal([50L, 150, 250], letters.Select(letter => Header(letter, "offset")).Order());
        Assert.All(
            letters,
            letter =>
            {
                Assert.Equal("refused_by_database", Text(letter, "reason"));
                Assert.Contains("too_hot", Text(letter, "detail"), StringComparison.Ordinal);
                Assert.Contains("\"gpu_temp\":95", Encoding.UTF8.GetString(letter.Message.Value), StringComparison.Ordinal);
            }
        );
        Assert.Equal(Refused, await pipeline.NodeMetric("gpuactors_store_refused_total"));
    }

    // The longest text that fits into a record, and a topic that takes only short alerts.
    [SkippableFact]
    public async Task An_alert_with_long_texts_is_published_and_its_partition_goes_on()
    {
        await using var pipeline = await Pipeline.Start(gpus: 1);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = pipeline.Bootstrap }).Build())
        {
            await admin.AlterConfigsAsync(
                new() { [new() { Name = "gpu-alerts", Type = ResourceType.Topic }] = [new() { Name = "max.message.bytes", Value = "700" }] }
            );
        }

        using (var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = pipeline.Bootstrap }).Build())
        {
            var hostile = $"\"host\":\"{Noise(300_000)}\",\"pod\":\"{Noise(300_000)}\",";
            foreach (var xid in new[] { "0", "79", "79" })
            {
                var sample = Sample("GPU-1").Replace("\"m\":{", hostile + "\"m\":{\"xid_errors\":" + xid + ",", StringComparison.Ordinal);
                await producer.ProduceAsync("gpu-metrics-raw", new() { Key = "GPU-1"u8.ToArray(), Value = Encoding.UTF8.GetBytes(sample) });
            }
        }

        var alerts = await Eventually.Get(pipeline.Alerts, alerts => alerts.Count > 0, _ => pipeline.Node.Report("no alert"));

        Assert.Equal("xid", alerts[0].Alert.GetProperty("rule").GetString());
        Assert.InRange(await pipeline.NodeMetric("gpuactors_outbox_shortened_total"), 1, 3);
        await Eventually.Until(async () => await pipeline.NodeMetric("gpuactors_detect_batches_in_flight") == 0);
        Assert.Equal(TextLimits.Host, await pipeline.Query("select max(length(hostname)) from gpu_metrics"));
    }

    // Keys and values that the broker accepts are kept completely. Of longer ones the start and the length are kept.
    private static void AssertKept(string name, byte[]? original, byte[]? kept, ConsumeResult<byte[], byte[]> letter, string lengthHeader)
    {
        if (original is null || original.Length <= 16_384)
        {
            Assert.True((original is null) == (kept is null) && original.AsSpan().SequenceEqual(kept), name);
            return;
        }

        Assert.Equal(original.Length, Header(letter, lengthHeader));
        Assert.NotEmpty(kept!);
        Assert.True(original.AsSpan().StartsWith(kept), name);
    }

    // Produces a valid sample before, between and after the invalid records.
    private static async Task<List<TopicPartitionOffset>> Produce(string bootstrap)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(
            new ProducerConfig
            {
                BootstrapServers = bootstrap,
                MessageMaxBytes = 8 << 20,
                Partitioner = Partitioner.Murmur2Random,
            }
        ).Build();
        var bad = new List<TopicPartitionOffset>();
        await Good(0);
        for (var i = 0; i < Bad.Length; i++)
        {
            bad.Add(
                (await producer.ProduceAsync("gpu-metrics-raw", new() { Key = Bad[i].Key, Value = Bad[i].Value })).TopicPartitionOffset
            );
            await Good(i + 1);
        }

        return bad;

        Task Good(int i) =>
            producer.ProduceAsync(
                "gpu-metrics-raw",
                new() { Key = Encoding.ASCII.GetBytes($"GPU-good-{i}"), Value = Encoding.UTF8.GetBytes(Sample($"GPU-good-{i}")) }
            );
    }

    private static List<ConsumeResult<byte[], byte[]>> DeadLetters(string bootstrap, int wanted)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = bootstrap,
                GroupId = "dead-letter-reader",
                AutoOffsetReset = AutoOffsetReset.Earliest,
            }
        ).Build();
        consumer.Subscribe("gpu-metrics-dead-letter");
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var letters = new List<ConsumeResult<byte[], byte[]>>();
        while (letters.Count < wanted)
        {
            letters.Add(consumer.Consume(limit.Token));
        }

        // Read on for a moment, to detect duplicates.
        while (consumer.Consume(TimeSpan.FromSeconds(1)) is { } more)
        {
            letters.Add(more);
        }

        return letters;
    }

    // Text that does not become much shorter by compression.
    private static string Noise(int length) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(length))[..length];

    private static (string, string, byte[]?, byte[]?) Text(string name, string reason, string value) =>
        (name, reason, "GPU-1"u8.ToArray(), Encoding.UTF8.GetBytes(value));

    private static string Sample(string gpu) => $"{{\"v\":1,\"gpu\":\"{gpu}\",\"ts\":\"{Now}\",\"m\":{{\"gpu_temp\":61}}}}";

    private static string Text(ConsumeResult<byte[], byte[]> letter, string header) =>
        Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(header));

    private static long Header(ConsumeResult<byte[], byte[]> letter, string header) =>
        long.Parse(Text(letter, header), CultureInfo.InvariantCulture);
}
