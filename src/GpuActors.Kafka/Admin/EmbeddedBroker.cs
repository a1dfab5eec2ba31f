using GpuActors.Kafka.Settings;

namespace GpuActors.Kafka.Admin;

/// <summary>
/// A Kafka broker inside this process: librdkafka's mock cluster, on loopback ports that any Kafka client can connect to. For the demo
/// and for tests.
/// </summary>
/// <remarks>
/// Records are in memory only, and the oldest of a partition are dropped when it holds 5 MiB or 100,000 messages. Timestamps are those of
/// the producers (no <c>LogAppendTime</c>). A fetch without records is answered after its <c>fetch.wait.max.ms</c>, even when a record
/// arrives earlier, so that consumers should use 10 ms rather than 500. Topics cannot be created through an admin client: use <see
/// cref="CreateTopic"/>, since a topic that is only used gets 4 partitions. There is no TLS, SASL, quota or retention.
/// </remarks>
public sealed class EmbeddedBroker : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _topics = new(StringComparer.Ordinal);
    private readonly int _replication;
    private nint _client;
    private nint _cluster;

    private EmbeddedBroker(nint client, nint cluster, int brokers)
    {
        _client = client;
        _cluster = cluster;
        _replication = Math.Min(3, brokers);
        BootstrapServers = NativeMockCluster.Bootstrap(cluster);
    }

    /// <summary>Address of the brokers, <c>127.0.0.1:port</c> separated by commas.</summary>
    public string BootstrapServers { get; }

    /// <summary>Settings for its clients.</summary>
    public KafkaClientSettings ClientSettings => new() { BootstrapServers = BootstrapServers };

    /// <summary>Starts it on free ports.</summary>
    /// <param name="brokers">Number of brokers, 1 to 32.</param>
    /// <exception cref="InvalidOperationException">The library could not open its ports.</exception>
    public static EmbeddedBroker Start(int brokers = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(brokers, 32);
        var client = NativeMockCluster.NewClient();
        try
        {
            return new EmbeddedBroker(client, NativeMockCluster.NewCluster(client, brokers), brokers);
        }
        catch
        {
            NativeMockCluster.DestroyClient(client);
            throw;
        }
    }

    /// <summary>Creates a topic unless it exists. Must be called before any client uses the topic.</summary>
    /// <exception cref="KafkaTopicException">A client used the topic before, so that it exists with 4 partitions.</exception>
    public void CreateTopic(string topic, int partitions)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_cluster == 0, this);
            if (_topics.Add(topic))
            {
                NativeMockCluster.CreateTopic(_cluster, topic, partitions, _replication);
            }
        }
    }

    /// <summary>Stops the broker and drops its records. Close clients first, or they keep trying to connect.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_cluster != 0)
            {
                NativeMockCluster.DestroyCluster(_cluster);
                NativeMockCluster.DestroyClient(_client);
                _cluster = _client = 0;
            }
        }
    }
}
