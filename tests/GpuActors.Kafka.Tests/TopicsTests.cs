using GpuActors.Kafka.Admin;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Kafka.Tests;

public sealed class TopicsTests
{
    private static readonly KafkaTopicSettings Settings = new() { Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task A_broker_out_of_reach_is_named_with_what_to_check()
    {
        using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = "127.0.0.1:1" });
        var error = await Assert.ThrowsAsync<KafkaTopicException>(() =>
            topics.GetBrokersAsync(TimeSpan.FromMilliseconds(500), CancellationToken.None)
        );
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Check the address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_topic_of_the_embedded_broker_has_its_partitions()
    {
        using var broker = EmbeddedBroker.Start();
        broker.CreateTopic("gpu-metrics-raw", 12);
        using var topics = new KafkaTopics(broker.ClientSettings);
        Assert.Equal([broker.BootstrapServers], await topics.GetBrokersAsync(TimeSpan.FromSeconds(10), CancellationToken.None));
        Assert.Empty(await topics.EnsureAsync(["gpu-metrics-raw"], Settings, CancellationToken.None));
        var error = await Assert.ThrowsAsync<KafkaTopicException>(() =>
            topics.EnsureAsync(["gpu-metrics-raw"], Settings with { Partitions = 24 }, CancellationToken.None)
        );
        Assert.Contains("has 12 partitions", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Topics_with_the_producers_clocks_are_found_and_the_command_mends_them()
    {
        await using var server = await KafkaServer.StartAsync();
        using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = server.BootstrapServers });
        await topics.EnsureAsync(["theirs"], Settings with { LogAppendTime = false }, CancellationToken.None);
        await topics.EnsureAsync(["ours"], Settings, CancellationToken.None);
        Task<IReadOnlyList<string>> Found() =>
            topics.FindCreateTimeAsync(["theirs", "ours", "none"], Settings.Timeout, CancellationToken.None);

        Assert.Equal(["theirs"], await Found());

        var command = topics.AppendTimeCommand("theirs").Split(' ');
        await server.RunToolAsync(command[0], command[1..]);
        await Eventually.Until(async () => (await Found()).Count == 0);
    }

    [SkippableFact]
    public async Task Missing_topics_are_created_only_where_allowed()
    {
        await using var server = await KafkaServer.StartAsync();
        using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = server.BootstrapServers });
        var error = await Assert.ThrowsAsync<KafkaTopicException>(() =>
            topics.EnsureAsync(["a"], Settings with { Create = false }, CancellationToken.None)
        );
        Assert.Contains("topic a does not exist", error.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], await topics.EnsureAsync(["a", "b"], Settings, CancellationToken.None));
        Assert.Empty(await topics.EnsureAsync(["a", "b"], Settings, CancellationToken.None));
        Assert.Equal(12, (await topics.GetPartitionCountsAsync(Settings.Timeout, CancellationToken.None))["a"]);
        var described = await server.RunToolAsync(
            "kafka-topics.sh",
            "--bootstrap-server",
            server.BootstrapServers,
            "--describe",
            "--topic",
            "a"
        );
        Assert.Contains("message.timestamp.type=LogAppendTime", described, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_the_broker_refuses_to_create_is_named_and_the_rest_is_created()
    {
        await using var server = await KafkaServer.StartAsync();
        using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = server.BootstrapServers });

        var error = await Assert.ThrowsAsync<KafkaTopicException>(() =>
            topics.EnsureAsync(["good", "not a name"], Settings, CancellationToken.None)
        );

        Assert.Contains("Topics not a name could not be created", error.Message, StringComparison.Ordinal);
        Assert.Equal(12, (await topics.GetPartitionCountsAsync(Settings.Timeout, CancellationToken.None))["good"]);
    }
}
