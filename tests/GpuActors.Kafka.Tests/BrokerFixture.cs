using GpuActors.Kafka.Admin;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Kafka.Tests;

/// <summary>One broker for all tests of a class. Started by the first test that asks, so that a missing server skips that test.</summary>
public abstract class BrokerFixture : IAsyncLifetime
{
    private Task<KafkaClientSettings>? _started;

    /// <summary>Length of a value that is too large for a sample, but not for the broker.</summary>
    public abstract int HugeValueBytes { get; }

    /// <summary>The shortest session that a member may have.</summary>
    public abstract TimeSpan ShortestSession { get; }

    /// <summary>Whether the offsets that a consumer commits while its partitions are revoked are kept.</summary>
    public abstract bool KeepsCommitsOfRebalances { get; }

    /// <summary>Whether it fences a producer that was replaced, and commits offsets with a transaction.</summary>
    public abstract bool HasTransactions { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task<KafkaClientSettings> StartAsync() => _started ??= StartBrokerAsync();

    public abstract Task CreateTopicAsync(string topic, int partitions);

    public abstract Task DisposeAsync();

    protected abstract Task<KafkaClientSettings> StartBrokerAsync();
}

public sealed class EmbeddedFixture : BrokerFixture
{
    private EmbeddedBroker? _broker;

    // A partition of it holds 5 MiB in all.
    public override int HugeValueBytes => 2 << 20;

    // Whoever joins after another has left waits for nearly a session here.
    public override TimeSpan ShortestSession => TimeSpan.FromSeconds(2);

    // Seen on a busy machine: four of 25 hand-overs repeated records of several commit intervals.
    public override bool KeepsCommitsOfRebalances => false;

    // It accepts the requests, and does nothing.
    public override bool HasTransactions => false;

    public override Task CreateTopicAsync(string topic, int partitions)
    {
        _broker!.CreateTopic(topic, partitions);
        return Task.CompletedTask;
    }

    public override Task DisposeAsync()
    {
        _broker?.Dispose();
        return Task.CompletedTask;
    }

    protected override Task<KafkaClientSettings> StartBrokerAsync()
    {
        _broker = EmbeddedBroker.Start();
        return Task.FromResult(_broker.ClientSettings);
    }
}

public sealed class RealFixture : BrokerFixture
{
    private KafkaServer? _server;

    public override int HugeValueBytes => 5 << 20;

    // The broker's own limit.
    public override TimeSpan ShortestSession => TimeSpan.FromSeconds(6);

    public override bool KeepsCommitsOfRebalances => true;

    public override bool HasTransactions => true;

    public override async Task CreateTopicAsync(string topic, int partitions)
    {
        using var topics = new KafkaTopics(new KafkaClientSettings { BootstrapServers = _server!.BootstrapServers });
        await topics.EnsureAsync(
            [topic],
            new KafkaTopicSettings { Partitions = partitions, Timeout = TimeSpan.FromSeconds(30) },
            CancellationToken.None
        );
    }

    public override async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    protected override async Task<KafkaClientSettings> StartBrokerAsync()
    {
        _server = await KafkaServer.StartAsync();
        return new KafkaClientSettings { BootstrapServers = _server.BootstrapServers };
    }
}
