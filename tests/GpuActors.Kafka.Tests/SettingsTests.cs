using System.Text;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Settings;
using Xunit;

namespace GpuActors.Kafka.Tests;

public sealed class SettingsTests
{
    private static readonly KafkaClientSettings Nowhere = new() { BootstrapServers = "127.0.0.1:1" };

    [Fact]
    public void Defaults_need_only_what_has_no_default()
    {
        Assert.Empty(Nowhere.Validate());
        Assert.Empty(new KafkaProducerSettings().Validate());
        Assert.Empty(new KafkaTopicSettings().Validate());
        Assert.Empty(new KafkaConsumerSettings { Topic = "t", GroupId = "g" }.Validate());
        Assert.Equal(2, new KafkaConsumerSettings().Validate().Count);
    }

    [Fact]
    public void Every_error_names_setting_value_and_remedy()
    {
        var errors = new KafkaClientSettings
        {
            BootstrapServers = "kafka-1",
            SecurityProtocol = "tls",
            SaslMechanism = "MD5",
            TlsCaFile = "/does/not/exist.pem",
        }.Validate();
        Assert.Contains(
            errors,
            e => e.Contains("bootstrap-servers = 'kafka-1'", StringComparison.Ordinal) && e.Contains("host:port", StringComparison.Ordinal)
        );
        Assert.Contains(errors, e => e.Contains("security-protocol = 'tls'", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("sasl-mechanism = 'MD5'", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("tls-ca-file = '/does/not/exist.pem'", StringComparison.Ordinal));
    }

    [Fact]
    public void Sasl_needs_its_parts_and_the_password_is_never_shown()
    {
        var sasl = Nowhere with
        {
            SecurityProtocol = "sasl_plaintext",
            SaslMechanism = "SCRAM-SHA-256",
            SaslUsername = "app",
            SaslPassword = "geheim",
        };
        Assert.Empty(sasl.Validate());
        Assert.DoesNotContain("geheim", sasl.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty((sasl with { SaslPassword = "" }).Validate());
        Assert.NotEmpty((sasl with { SaslMechanism = "" }).Validate());
        Assert.NotEmpty((sasl with { SecurityProtocol = "plaintext" }).Validate());
    }

    [Fact]
    public void Header_lists_are_made_only_for_a_batcher_that_reads_them()
    {
        const string Fields = "dotnet.consumer.consume.result.fields";
        var settings = new KafkaConsumerSettings { Topic = "t", GroupId = "g" };

        Assert.Equal("timestamp", settings.ToConfig(Nowhere).Get(Fields));
        Assert.Equal("timestamp,headers", settings.ToConfig(Nowhere, withHeaders: true).Get(Fields));
        Assert.True(new SampleRecordBatcher(new GpuRegistry(), new ValidationSettings()).ReadsContentType);
        Assert.False(new SampleRecordBatcher(new GpuRegistry(), new ValidationSettings { ReadContentType = false }).ReadsContentType);
    }

    [Fact]
    public void Raw_options_win_and_reach_the_client()
    {
        var client = Nowhere with
        {
            Properties = new Dictionary<string, string> { ["fetch.wait.max.ms"] = "7", ["socket.timeout.ms"] = "1234" },
        };
        var config = new KafkaConsumerSettings { Topic = "t", GroupId = "g" }.ToConfig(client);
        Assert.Equal(7, config.FetchWaitMaxMs);
        Assert.Equal(1234, config.SocketTimeoutMs);
    }

    [Fact]
    public void A_source_with_unusable_settings_is_refused_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            KafkaSource.CommittablePartitionedSource(Nowhere, new KafkaConsumerSettings { MaxBatchRecords = 0 }, () => new TextBatcher())
        );
        Assert.Contains("max-batch-records = '0'", error.Message, StringComparison.Ordinal);
        Assert.Contains("group-id", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_queue_takes_nothing_and_says_so()
    {
        await using var producer = new KafkaRecordProducer(
            Nowhere,
            new KafkaProducerSettings { MaxQueuedRecords = 10, CloseTimeout = TimeSpan.Zero }
        );
        var record = new OutgoingRecord("t", null, Encoding.UTF8.GetBytes("value"));
        for (var i = 0; i < 10; i++)
        {
            Assert.True(producer.TryProduce(record));
        }

        Assert.False(producer.TryProduce(record));
        Assert.Equal(10, producer.QueuedRecords);
    }

    [Fact]
    public async Task A_record_that_cannot_be_sent_learns_its_fate()
    {
        await using var producer = new KafkaRecordProducer(
            Nowhere,
            new KafkaProducerSettings { MaxMessageBytes = 1_000, CloseTimeout = TimeSpan.Zero }
        );
        var fates = new List<(string? Error, long Offset)>();
        Assert.True(
            producer.TryProduce(
                new OutgoingRecord("t", null, new byte[5_000]),
                (state, error, offset) => ((List<(string?, long)>)state!).Add((error, offset)),
                fates
            )
        );
        Assert.Contains("MsgSizeTooLarge", Assert.Single(fates).Error, StringComparison.Ordinal);
        Assert.Equal(DeliveryOffset.TooLarge, fates[0].Offset);
        Assert.Equal(0, producer.QueuedRecords);
    }

    [Fact]
    public void A_recycled_batch_beyond_the_bound_is_dropped()
    {
        var pool = new BatchPool<object>(1);
        var kept = new object();
        pool.Return(kept);
        pool.Return(new object());
        Assert.True(pool.TryTake(out var taken));
        Assert.Same(kept, taken);
        Assert.False(pool.TryTake(out _));
    }
}
