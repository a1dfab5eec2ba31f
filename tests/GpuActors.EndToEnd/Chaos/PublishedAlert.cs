using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A record of <c>gpu-alerts</c> as a consumer of that topic sees it.</summary>
/// <param name="AlertId">Which alert.</param>
/// <param name="Seq">Its transition, from 1.</param>
/// <param name="State">firing or resolved.</param>
/// <param name="Rule">Rule.</param>
/// <param name="Gpu">GPU.</param>
/// <param name="Summary">The sentence.</param>
/// <param name="OpenedMs">Time of the sample at which it opened.</param>
/// <param name="TriggerAppendMs">When the broker appended the sample that caused this transition.</param>
/// <param name="AppendMs">When the broker appended this record.</param>
/// <param name="At">Where it is.</param>
internal sealed record PublishedAlert(
    string AlertId,
    int Seq,
    string State,
    string Rule,
    string Gpu,
    string Summary,
    long OpenedMs,
    long TriggerAppendMs,
    long AppendMs,
    TopicPartitionOffset At
)
{
    public const string Topic = "gpu-alerts";

    public bool IsFiring => State == "firing";

    /// <summary>From one append to the other, by the brokers' own clocks.</summary>
    public long LatencyMs => AppendMs - TriggerAppendMs;

    /// <summary>All records of the topic, in the order of each partition.</summary>
    public static Task<List<PublishedAlert>> ReadAll(string bootstrap) => Task.Run(() => TopicReader.Read(bootstrap, Topic, Of));

    private static PublishedAlert Of(ConsumeResult<byte[], byte[]> record)
    {
        using var document = JsonDocument.Parse(record.Message.Value);
        var json = document.RootElement;
        return new PublishedAlert(
            Text("alert_id"),
            json.GetProperty("seq").GetInt32(),
            Text("state"),
            Text("rule"),
            Text("gpu"),
            Text("summary"),
            Time("opened_at"),
            Time("ingested_at"),
            record.Message.Timestamp.UnixTimestampMs,
            record.TopicPartitionOffset
        );

        string Text(string name) => json.GetProperty(name).GetString()!;

        long Time(string name) => DateTimeOffset.Parse(Text(name), CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
    }
}
