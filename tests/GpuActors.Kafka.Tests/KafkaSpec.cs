using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Akka.Actor;
using Confluent.Kafka;
using GpuActors.Core.Codecs;
using GpuActors.Core.Codecs.Protobuf;
using GpuActors.Core.Messaging;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;
using TextReader = GpuActors.Kafka.Tests.Reader<
    System.Collections.Generic.List<GpuActors.Kafka.Tests.TextRecord>,
    GpuActors.Kafka.Tests.TextRecord
>;

namespace GpuActors.Kafka.Tests;

/// <summary>What holds on every broker: run against the embedded one and against a real Apache Kafka.</summary>
public abstract partial class KafkaSpec(BrokerFixture broker) : IAsyncLifetime
{
    private protected const int Partitions = 12;
    private readonly ActorSystem _system = ActorSystem.Create("kafka-spec", "akka.loglevel = WARNING");
    private readonly string _topic = $"topic-{Guid.NewGuid():N}";
    private readonly string _group = $"group-{Guid.NewGuid():N}";
    private KafkaClientSettings _client = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _system.Terminate();

    [SkippableFact]
    public async Task A_record_lands_on_the_partition_that_core_computes_and_comes_once_in_order()
    {
        await BeginAsync();
        var keys = Enumerable.Range(0, 300).Select(i => $"GPU-{i:x8}-6156-355b-e589-ff2064894f16").ToList();
        await ProduceAsync(Enumerable.Range(0, 3_000).Select(i => (keys[i % keys.Count], $"{i}")));

        var reader = Read();
        await reader.Until(3_000);
        await reader.StopAsync();

        var records = reader.Records;
        Assert.Equal(3_000, records.Select(r => r.Value).Distinct().Count());
        Assert.Equal(3_000, records.Count);
        Assert.All(records, r => Assert.Equal(Murmur2.Partition(Encoding.UTF8.GetBytes(r.Key!), Partitions), r.Partition));
        Assert.All(records, r => Assert.True(r.TimestampMs > 0));
        Assert.All(
            records.GroupBy(r => r.Partition),
            p => Assert.Equal(Enumerable.Range(0, p.Count()).Select(i => (long)i), p.Select(r => r.Offset))
        );
        Assert.Equal(3_000, reader.Control.Records);
    }

    [SkippableFact]
    public async Task Only_what_was_done_is_committed()
    {
        await BeginAsync();
        await ProduceAsync(Keyed(500));
        var careless = Read(
            settings: Settings with
            {
                RevokeDrainTimeout = TimeSpan.FromMilliseconds(50),
            },
            handle: (_, _) => Task.CompletedTask
        );
        await careless.Until(500);
        await careless.StopAsync();

        var careful = Read();
        await careful.Until(500);
        await careful.StopAsync();
        await ProduceAsync([("late", "late")]);

        var last = Read();
        await last.Until(1);
        await last.StopAsync();
        Assert.Equal(500, careful.Records.Count);
        Assert.Equal("late", Assert.Single(last.Records).Value);
    }

    [SkippableFact]
    public async Task A_batch_done_out_of_turn_waits_for_the_earlier_ones()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 40).Select(i => ("same", $"{i}")));
        var held = new List<List<TextRecord>>();
        IPartitionBatches<List<TextRecord>>? assigned = null;
        var small = Settings with { MaxBatchRecords = 10, RevokeDrainTimeout = TimeSpan.FromMilliseconds(50) };
        var first = Read(
            settings: small,
            handle: (partition, batch) =>
            {
                assigned = partition;
                held.Add(batch);
                return Task.CompletedTask;
            }
        );
        await first.Until(40);
        assigned!.Done(held[0]);
        held.Skip(2).ToList().ForEach(assigned.Done);
        await first.StopAsync();

        var second = Read();
        await second.Until(30);
        await second.StopAsync();
        Assert.Equal(held[0][^1].Offset + 1, second.Records[0].Offset);
    }

    [SkippableFact]
    public async Task With_manual_commit_only_commit_moves_the_offset()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 20).Select(i => ("same", $"{i}")));
        var first = Read(
            settings: Settings with
            {
                ManualCommit = true,
            },
            handle: (partition, batch) =>
            {
                partition.Done(batch);
                partition.CommitUpTo(7);
                return Task.CompletedTask;
            }
        );
        await first.Until(20);
        await first.StopAsync();

        var second = Read();
        await second.Until(13);
        await second.StopAsync();
        Assert.Equal(7, second.Records[0].Offset);
        Assert.Equal(13, second.Records.Count);
    }

    [SkippableFact]
    public async Task A_second_consumer_takes_over_partitions_without_a_gap()
    {
        await BeginAsync();
        var lost = 0L;
        using var listener = Listen("gpuactors.kafka.consumer.rebalances", count => Interlocked.Add(ref lost, count), "lost");
        await ProduceAsync(Keyed(1_000, "a"));
        var first = Read();
        await first.Until(1_000);
        var second = Read();
        var produced = 1_000;
        // Goes on until the newcomer has read something: then both own partitions.
        for (var round = 0; round < 100 && second.Records.Count == 0; round++)
        {
            await ProduceAsync(Keyed(200, $"b{round}-"));
            produced += 200;
            var wanted = produced;
            await UntilBoth(first, second, wanted);
        }

        await first.StopAsync();
        await ProduceAsync(Keyed(500, "c"));
        produced += 500;
        await second.Until(records => records.Count(r => r.Value!.StartsWith('c')) >= 500);
        await second.StopAsync();

        var all = first.Records.Concat(second.Records).ToList();
        Assert.NotEmpty(second.Records);
        Assert.Equal(produced, all.Select(r => r.Value).Distinct().Count());
        // Both hand over gracefully. A member whose session expired on a busy machine leaves what it has not committed.
        if (broker.KeepsCommitsOfRebalances && Interlocked.Read(ref lost) == 0)
        {
            Assert.Equal(produced, all.Count);
        }
    }

    [SkippableFact]
    public async Task A_slow_stream_holds_the_consumer_up_and_loses_nothing()
    {
        await BeginAsync();
        await ProduceAsync(Keyed(5_000));
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var settings = Settings with { MaxBatchRecords = 50, MaxBatchesInFlight = 2, PauseAfter = TimeSpan.FromMilliseconds(20) };
        var reader = Read(
            settings: settings,
            handle: async (partition, batch) =>
            {
                await open.Task;
                partition.Done(batch);
            }
        );
        await reader.Until(records => records.Select(r => r.Partition).Distinct().Count() == Partitions);
        Assert.InRange(reader.Control.BatchesInFlight, 1, 2 * Partitions);
        Assert.InRange(reader.Control.Records, 1, 2 * Partitions * 50);

        open.SetResult();
        await reader.Until(5_000);
        await reader.StopAsync();
        Assert.Equal(5_000, reader.Records.Select(r => (r.Partition, r.Offset)).Distinct().Count());
        Assert.Equal(5_000, reader.Records.Count);
        Assert.Equal(0, reader.Control.BatchesInFlight);
    }

    [SkippableFact]
    public async Task Start_offsets_win_over_committed_ones()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 100).Select(i => ("same", $"{i}")));
        var partition = Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions);
        var reader = Read(
            startOffsets: (_, _) => Task.FromResult<IReadOnlyDictionary<int, long>>(new Dictionary<int, long> { [partition] = 90 })
        );
        await reader.Until(10);
        await reader.StopAsync();
        Assert.Equal(Enumerable.Range(90, 10).Select(i => $"{i}"), reader.Records.Select(r => r.Value!));
    }

    [SkippableFact]
    public async Task Start_offsets_that_cannot_be_read_fail_the_source()
    {
        await BeginAsync();
        await ProduceAsync(Keyed(10));
        var reader = Read(startOffsets: (_, _) => throw new InvalidOperationException("the database is down"));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => reader.Ended.Completes());
        Assert.Contains("the database is down", failure.Message, StringComparison.Ordinal);
        Assert.Empty(reader.Records);
    }

    [SkippableFact]
    public async Task A_start_offset_behind_the_end_of_the_log_belongs_to_another_topic_and_fails_the_source()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 10).Select(i => ("same", $"{i}")));
        var partition = Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions);
        var reader = Read(
            startOffsets: (_, _) => Task.FromResult<IReadOnlyDictionary<int, long>>(new Dictionary<int, long> { [partition] = 11 })
        );
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => reader.Ended.Completes());
        Assert.Contains(
            $"partition {partition} is to be read on from offset 11, but its log ends at 10: the topic was made anew or cut since",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(reader.Records);
    }

    [SkippableFact]
    public async Task A_record_that_is_no_sample_is_kept_with_its_bytes_and_the_stream_goes_on()
    {
        await BeginAsync();
        var now = DateTimeOffset
            .FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null);
        string Sample(string time) =>
            $$"""{"v":1,"gpu":"GPU-1","ts":"{{time}}","host":"n1","index":0,"m":{"gpu_temp":61,"power_usage":305.8} }""";
        string[] values =
        [
            Sample(now),
            "{\"v\":1,",
            "",
            Sample("1999-01-01T00:00:00.000Z"),
            new string('x', broker.HugeValueBytes),
            Sample(now),
        ];
        await ProduceAsync(
            values.Select(v => ("GPU-1", v)),
            new KafkaProducerSettings { MaxMessageBytes = 8_000_000, Compression = "none" }
        );

        var reader = new Reader<SampleBatch, (RejectedRecord? Bad, double Temperature)>(
            _system,
            _client,
            Settings,
            () => new SampleRecordBatcher(new GpuRegistry(), new ValidationSettings()),
            batch =>
                [
                    .. batch.Rejected.Select(r => ((RejectedRecord?)r, 0.0)),
                    .. batch.Samples.ToArray().Select(s => ((RejectedRecord?)null, s.Values[(int)Metric.GpuTemp])),
                ]
        );
        await reader.Until(values.Length);
        await reader.StopAsync();

        Assert.Equal(2, reader.Records.Count(r => r.Bad is null && r.Temperature == 61));
        var bad = reader.Records.Select(r => r.Bad).OfType<RejectedRecord>().OrderBy(r => r.Offset).ToList();
        Assert.Equal(
            [RejectReason.MalformedJson, RejectReason.EmptyValue, RejectReason.TimeTooOld, RejectReason.ValueTooLarge],
            bad.Select(b => b.Reason)
        );
        Assert.Equal(values[1..5], bad.Select(b => Encoding.UTF8.GetString(b.Value!)));
        Assert.All(bad, b => Assert.Equal("GPU-1", Encoding.UTF8.GetString(b.Key!)));
    }

    [SkippableFact]
    public async Task A_header_says_the_format_and_without_one_the_first_byte()
    {
        await BeginAsync();
        var buffer = new ArrayBufferWriter<byte>();
        var sample = new GpuSample
        {
            Gpu = new GpuRegistry().Intern(GpuId.Parse("GPU-1")),
            TimeMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        sample[Metric.GpuTemp] = 61;
        ProtobufSampleWriter.Write(buffer, sample);
        var protobuf = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        SampleEncoder.Write(buffer, sample);
        var json = buffer.WrittenSpan.ToArray();
        (byte[] Value, string? ContentType)[] records =
        [
            (json, null),
            (json, "application/json; charset=utf-8"),
            (json, "avro/binary"),
            (protobuf, null),
            ([.. protobuf[2..], .. protobuf[..2]], "application/x-protobuf"),
            ([.. protobuf[2..], .. protobuf[..2]], null),
            (protobuf[..^1], "application/x-protobuf"),
        ];
        await using var producer = new KafkaRecordProducer(_client, new KafkaProducerSettings());
        foreach (var (value, contentType) in records)
        {
            KeyValuePair<string, byte[]>[] headers =
            [
                new("trace", "7"u8.ToArray()),
                new("Content-Type", Encoding.UTF8.GetBytes(contentType ?? "")),
            ];
            Assert.True(
                producer.TryProduce(new OutgoingRecord(_topic, "GPU-1"u8.ToArray(), value, contentType is null ? headers[..1] : headers))
            );
        }

        await producer.FlushAsync(CancellationToken.None);
        var reader = new Reader<SampleBatch, (long Offset, RejectReason Reason)>(
            _system,
            _client,
            Settings,
            () => new SampleRecordBatcher(new GpuRegistry(), new ValidationSettings()),
            batch =>
                [
                    .. batch.Rejected.Select(r => (r.Offset, r.Reason)),
                    .. batch
                        .Samples.ToArray()
                        .Select(s => (s.Offset, s[Metric.GpuTemp] == 61 ? RejectReason.None : RejectReason.NoMetrics)),
                ]
        );
        await reader.Until(records.Length);
        await reader.StopAsync();

        Assert.Equal(
            [
                RejectReason.None,
                RejectReason.None,
                RejectReason.UnknownFormat,
                RejectReason.None,
                RejectReason.None,
                RejectReason.UnknownFormat,
                RejectReason.MalformedProtobuf,
            ],
            reader.Records.OrderBy(r => r.Offset).Select(r => r.Reason)
        );
    }

    private protected KafkaConsumerSettings Settings =>
        new()
        {
            Topic = _topic,
            GroupId = _group,
            SessionTimeout = broker.ShortestSession,
            CommitInterval = TimeSpan.FromMilliseconds(100),
            FetchWait = TimeSpan.FromMilliseconds(50),
        };

    private static IEnumerable<(string, string)> Keyed(int count, string prefix = "") =>
        Enumerable.Range(0, count).Select(i => ($"GPU-{i}", $"{prefix}{i}"));

    private static async Task UntilBoth(TextReader first, TextReader second, int total)
    {
        // Either of the two may get the last one.
        await await Task.WhenAny(
            first.Until(records => records.Count + second.Records.Count >= total),
            second.Until(records => records.Count + first.Records.Count >= total)
        );
    }

    private protected async Task BeginAsync()
    {
        _client = await broker.StartAsync();
        await broker.CreateTopicAsync(_topic, Partitions);
    }

    /// <summary>What a counter of this test's group counts from now on.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="counted">Takes what is counted.</param>
    /// <param name="kind">Which event, of a counter that tells events apart; null for all.</param>
    private protected MeterListener Listen(string counter, Action<long> counted, string? kind = null)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Name == counter)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(
            (_, value, tags, _) =>
            {
                if (tags[0].Value as string == _group && (kind is null || tags[1].Value as string == kind))
                {
                    counted(value);
                }
            }
        );
        listener.Start();
        return listener;
    }

    private protected async Task DeleteAsync(int partition, long before)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _client.BootstrapServers }).Build();
        _ = await admin.DeleteRecordsAsync([new TopicPartitionOffset(_topic, partition, before)]);
    }

    private protected TextReader Read(
        KafkaConsumerSettings? settings = null,
        Func<IPartitionBatches<List<TextRecord>>, List<TextRecord>, Task>? handle = null,
        StartOffsets? startOffsets = null,
        FollowedPartitions? followed = null
    ) => new(_system, _client, settings ?? Settings, () => new TextBatcher(), batch => batch, handle, startOffsets, followed);

    private protected async Task ProduceAsync(IEnumerable<(string Key, string Value)> records, KafkaProducerSettings? settings = null)
    {
        await using var producer = new KafkaRecordProducer(_client, settings ?? new KafkaProducerSettings());
        var errors = new List<string>();
        foreach (var (key, value) in records)
        {
            var record = new OutgoingRecord(_topic, Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
            Assert.True(
                producer.TryProduce(
                    record,
                    (state, error, _) =>
                    {
                        if (error is not null)
                        {
                            ((List<string>)state!).Add(error);
                        }
                    },
                    errors
                )
            );
        }

        await producer.FlushAsync(CancellationToken.None);
        Assert.Empty(errors);
        Assert.Equal(0, producer.QueuedRecords);
    }
}

public sealed class EmbeddedBrokerSpec(EmbeddedFixture broker) : KafkaSpec(broker), IClassFixture<EmbeddedFixture>;

public sealed class RealBrokerSpec(RealFixture broker) : KafkaSpec(broker), IClassFixture<RealFixture>
{
    // The embedded broker deletes nothing.
    [SkippableFact]
    public async Task What_retention_deleted_before_it_was_read_is_counted_and_the_rest_is_read()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 10).Select(i => ("same", $"{i}")));
        var partition = Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions);
        await DeleteAsync(partition, before: 7);
        var expired = 0L;
        using var listener = Listen("gpuactors.kafka.consumer.expired", records => expired += records);

        var reader = Read(
            startOffsets: (_, _) => Task.FromResult<IReadOnlyDictionary<int, long>>(new Dictionary<int, long> { [partition] = 3 })
        );
        await reader.Until(3);
        await reader.StopAsync();

        Assert.Equal(["7", "8", "9"], reader.Records.Select(r => r.Value!));
        Assert.Equal(4, expired);
    }

    // The embedded broker lets no named member go.
    [SkippableFact]
    public async Task A_named_member_that_stops_leaves_at_once()
    {
        await BeginAsync();
        await ProduceAsync([("same", "1")]);
        var settings = Settings with { SessionTimeout = Eventually.Limit * 2, MaxPollInterval = Eventually.Limit * 3 };
        var first = Read(settings: settings with { GroupInstanceId = "first" });
        await first.Until(1);
        await first.StopAsync();
        await ProduceAsync([("same", "2")]);

        // With its place kept for a session, the test would end with a time-out.
        var second = Read(settings: settings with { GroupInstanceId = "second" });
        await second.Until(1);
        await second.StopAsync();
        Assert.Equal("2", Assert.Single(second.Records).Value);
    }
}
