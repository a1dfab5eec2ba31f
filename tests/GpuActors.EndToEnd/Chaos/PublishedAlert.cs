using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A record of <c>gpu-alerts</c> as read by a consumer of the topic.</summary>
/// <param name="AlertId">Id of the alert.</param>
/// <param name="Seq">Number of the transition, from 1.</param>
/// <param name="State">firing or resolved.</param>
/// <param name="Rule">Id of the rule.</param>
/// <param name="Gpu">Id of the GPU.</param>
/// <param name="Summary">Summary text.</param>
/// <param name="OpenedMs">Time of the sample at which the alert opened, in Unix milliseconds.</param>
/// <param name="TriggerAppendMs">Time at which the broker appended the sample that caused this transition, in Unix milliseconds.</param>
/// <param name="AppendMs">Time at which the broker appended this record, in Unix milliseconds.</param>
/// <param name="At">Position of the record.</param>
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

    /// <summary>Time from the append of the sample to the append of this record, in milliseconds, by the brokers' clocks.</summary>
    public long LatencyMs => AppendMs - TriggerAppendMs;

    /// <summary>Reads all records of the topic, in the order of each partition.</summary>
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
