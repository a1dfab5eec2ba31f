using System.Runtime.InteropServices;
using System.Text;

namespace GpuActors.Kafka.Admin;

/// <summary>
/// The few functions of librdkafka's public C API (rdkafka.h, rdkafka_mock.h) that the embedded broker needs and Confluent.Kafka does not
/// expose.
/// </summary>
internal static class NativeMockCluster
{
    private const string Library = "librdkafka";

    // The builds in Confluent.Kafka, in the order in which it tries them: with SASL/Kerberos of the system, without, for musl.
    private static readonly string[] Builds = [Library, "centos8-librdkafka", "alpine-librdkafka"];

    static NativeMockCluster() =>
        NativeLibrary.SetDllImportResolver(
            typeof(NativeMockCluster).Assembly,
            (name, assembly, path) =>
            {
                var handle = nint.Zero;
                return name == Library && Array.Exists(Builds, build => NativeLibrary.TryLoad(build, assembly, path, out handle))
                    ? handle
                    : nint.Zero;
            }
        );

    public static nint NewClient()
    {
        var error = new byte[512];
        var conf = rd_kafka_conf_new();
        // Only errors: it would warn that it has no brokers to connect to, which is intended.
        _ = rd_kafka_conf_set(conf, "log_level\0"u8.ToArray(), "3\0"u8.ToArray(), error, error.Length);
        // 0 = producer. The configuration belongs to the client from here on.
        var client = rd_kafka_new(0, conf, error, error.Length);
        return client != 0
            ? client
            : throw new InvalidOperationException($"The embedded broker did not start: {Encoding.UTF8.GetString(error).TrimEnd('\0')}");
    }

    public static nint NewCluster(nint client, int brokers)
    {
        var cluster = rd_kafka_mock_cluster_new(client, brokers);
        if (cluster == 0)
        {
            throw new InvalidOperationException($"The embedded broker did not start with {brokers} brokers: are loopback ports free?");
        }

        // A real broker waits 3 s for further members of a new group; here there are none.
        rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0);
        return cluster;
    }

    public static string Bootstrap(nint cluster) => Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(cluster)) ?? "";

    public static void CreateTopic(nint cluster, string topic, int partitions, int replication)
    {
        var code = rd_kafka_mock_topic_create(cluster, Encoding.UTF8.GetBytes(topic + '\0'), partitions, replication);
        if (code != 0)
        {
            throw new KafkaTopicException(
                $"The embedded broker could not create topic {topic} with {partitions} partitions: error {code} "
                    + $"(a topic of this name exists already, or there are fewer than {replication} brokers)"
            );
        }
    }

    public static void DestroyCluster(nint cluster) => rd_kafka_mock_cluster_destroy(cluster);

    public static void DestroyClient(nint client) => rd_kafka_destroy(client);

    [DllImport(Library)]
    private static extern nint rd_kafka_conf_new();

    [DllImport(Library)]
    private static extern int rd_kafka_conf_set(nint conf, byte[] name, byte[] value, byte[] error, nint errorSize);

    [DllImport(Library)]
    private static extern void rd_kafka_mock_group_initial_rebalance_delay_ms(nint cluster, int delayMs);

    [DllImport(Library)]
    private static extern nint rd_kafka_new(int type, nint conf, byte[] error, nint errorSize);

    [DllImport(Library)]
    private static extern void rd_kafka_destroy(nint client);

    [DllImport(Library)]
    private static extern nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [DllImport(Library)]
    private static extern void rd_kafka_mock_cluster_destroy(nint cluster);

    [DllImport(Library)]
    private static extern nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [DllImport(Library)]
    private static extern int rd_kafka_mock_topic_create(nint cluster, byte[] topic, int partitions, int replication);
}
