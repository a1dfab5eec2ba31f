using GpuActors.Host.Configuration;
using GpuActors.Kafka.Admin;

namespace GpuActors.Host.Doctor;

/// <summary>Asks the brokers for themselves and for the topics.</summary>
internal static class BrokerCheck
{
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(
        HostSettings settings,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var name = $"broker {settings.Kafka.BootstrapServers}";
        try
        {
            using var topics = new KafkaTopics(settings.Kafka);
            var brokers = await topics.GetBrokersAsync(timeout, cancellationToken).ConfigureAwait(false);
            var counts = await topics.GetPartitionCountsAsync(timeout, cancellationToken).ConfigureAwait(false);
            var createTime = settings.TopicLayout.LogAppendTime
                ? await topics.FindCreateTimeAsync([.. settings.Topics.AppendTimed], timeout, cancellationToken).ConfigureAwait(false)
                : [];
            return
            [
                new CheckResult(name, CheckStatus.Ok, $"{brokers.Count} reachable: {string.Join(", ", brokers)}"),
                .. settings.Topics.All.Select(topic => Topic(topic, counts, settings)),
                .. createTime.Select(topic => new CheckResult(
                    $"topic {topic}",
                    CheckStatus.Fail,
                    "message.timestamp.type is CreateTime: the clock of one producer could make GPUs of others appear absent",
                    topics.AppendTimeCommand(topic)
                )),
            ];
        }
        catch (KafkaTopicException e)
        {
            return
            [
                new CheckResult(
                    name,
                    CheckStatus.Fail,
                    e.Message,
                    "Set kafka.bootstrap-servers to an address that this machine reaches; topics were not checked"
                ),
            ];
        }
    }

    private static CheckResult Topic(string topic, IReadOnlyDictionary<string, int> counts, HostSettings settings)
    {
        var name = $"topic {topic}";
        var wanted = settings.TopicLayout.Partitions;
        if (!counts.TryGetValue(topic, out var partitions))
        {
            return settings.TopicLayout.Create
                ? new CheckResult(
                    name,
                    CheckStatus.Warn,
                    "does not exist yet",
                    $"The first node creates it with {wanted} partitions; nothing to do unless brokers forbid it"
                )
                : new CheckResult(
                    name,
                    CheckStatus.Fail,
                    "does not exist, and kafka.topics.create is false",
                    $"Create it with {wanted} partitions: kafka-topics.sh --create --topic {topic} --partitions {wanted}"
                );
        }

        return partitions == wanted
            ? new CheckResult(name, CheckStatus.Ok, $"{partitions} partitions")
            : new CheckResult(
                name,
                CheckStatus.Fail,
                $"{partitions} partitions, but kafka.topics.partitions is {wanted}",
                $"Set kafka.topics.partitions = {partitions} on every node, or create the topic anew with {wanted}"
            );
    }
}
