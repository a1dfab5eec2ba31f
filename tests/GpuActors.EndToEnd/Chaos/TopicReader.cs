using Confluent.Kafka;
using GpuActors.Testing;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// Reads a topic from its start to its current end, with a plain consumer that shares no code with the nodes.
/// </summary>
internal static class TopicReader
{
    /// <summary>Reads all records.</summary>
    /// <param name="bootstrap">Addresses of the brokers.</param>
    /// <param name="topic">Topic.</param>
    /// <param name="read">Converts a record. Partitions are interleaved; each is in order.</param>
    public static List<T> Read<T>(string bootstrap, string topic, Func<ConsumeResult<byte[], byte[]>, T> read)
    {
        var records = new List<T>();
        ForEach(bootstrap, topic, record => records.Add(read(record)));
        return records;
    }

    /// <summary>Calls a function for every record.</summary>
    public static void ForEach(string bootstrap, string topic, Action<ConsumeResult<byte[], byte[]>> look)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(Config(bootstrap)).SetLogHandler((_, _) => { }).Build();
        var ends = Ends(consumer, bootstrap, topic);
        consumer.Assign(ends.Keys.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        // The last offsets of a partition may be markers of transactions.
        var ended = new HashSet<TopicPartition>();
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (ended.Count < ends.Count)
        {
            var record = consumer.Consume(limit.Token);
            limit.CancelAfter(Eventually.Limit);
            if (record.IsPartitionEOF)
            {
                ended.Add(record.TopicPartition);
            }
            else
            {
                look(record);
            }
        }
    }

    /// <summary>Counts the records of a topic by its offsets, which have no gaps because no transactions are used.</summary>
    public static long Count(string bootstrap, string topic)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(Config(bootstrap)).SetLogHandler((_, _) => { }).Build();
        return Ends(consumer, bootstrap, topic).Values.Sum();
    }

    /// <summary>Gets the committed offset of a consumer group for each partition; 0 if none is committed.</summary>
    public static Dictionary<int, long> Committed(string bootstrap, string group, string topic)
    {
        var config = Config(bootstrap);
        config.GroupId = group;
        using var consumer = new ConsumerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).Build();
        return consumer
            .Committed(Ends(consumer, bootstrap, topic).Keys, Eventually.Limit)
            .ToDictionary(p => p.Partition.Value, p => Math.Max(0, p.Offset.Value));
    }

    private static Dictionary<TopicPartition, long> Ends(IConsumer<byte[], byte[]> consumer, string bootstrap, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap })
            .SetLogHandler((_, _) => { })
            .Build();
        return admin
            .GetMetadata(topic, Eventually.Limit)
            .Topics.Single()
            .Partitions.Select(p => new TopicPartition(topic, p.PartitionId))
            .ToDictionary(p => p, p => consumer.QueryWatermarkOffsets(p, Eventually.Limit).High.Value);
    }

    private static ConsumerConfig Config(string bootstrap) =>
        new()
        {
            BootstrapServers = bootstrap,
            GroupId = "chaos-reader",
            EnableAutoCommit = false,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted,
        };
}
