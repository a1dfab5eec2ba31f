using System.Text;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Kafka.Notify;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Kafka.Tests;

public abstract partial class KafkaSpec
{
    private const string NoTransactions = "The embedded broker has no transactions";

    private NotifyTopics NotifyTopics => new(_topic, $"{_topic}-open", $"{_topic}-incidents", $"{_topic}-pages", $"{_topic}-operations");

    [SkippableFact]
    public async Task What_notify_has_published_is_what_its_successor_starts_from()
    {
        Skip.IfNot(broker.HasTransactions, NoTransactions);
        await BeginNotifyAsync();
        await ProduceAlertsAsync(Given.Alert("a1"), Given.Alert("a2") with { Severity = AlertSeverity.Warning });
        await using var first = NotifyLog();
        var state = NewState();
        await first.OpenAsync(state, CancellationToken.None);
        await ReadAsync(first, state, 2);
        Assert.Null(state.Execute(new AlertControlCommand.Acknowledge(AlertId.Parse("a1"), "ann", "on it"), Given.NoonMs).Problem);
        Assert.Null(state.Execute(new AlertControlCommand.Add(Silence), Given.NoonMs).Problem);
        await first.PublishAsync(state.Decide(Given.NoonMs), CancellationToken.None);
        await ProduceAlertsAsync(Given.Alert("a2") with { Seq = 2, State = AlertState.Resolved });
        await ReadAsync(first, state, 1);
        await first.PublishAsync(state.Decide(Given.NoonMs + 1), CancellationToken.None);
        await ProduceAlertsAsync(Given.Alert("a3"));

        await using var second = NotifyLog();
        var successor = NewState();
        await second.OpenAsync(successor, CancellationToken.None);

        Assert.Equal(["a1"], successor.Alerts().Select(alert => alert.Alert.AlertId.Value));
        Assert.Equal("ann", successor.Control.AcknowledgementOf(AlertId.Parse("a1"))!.By);
        Assert.Equal(Silence.Id, Assert.Single(successor.Control.Snapshot.Silences).Id);
        Assert.Equal(state.Incidents(false).Select(i => i.IncidentId), successor.Incidents(false).Select(i => i.IncidentId));
        Assert.False(second.HasCaughtUp);
        Assert.Equal(["a3"], await ReadAsync(second, successor, 1));
        await Eventually.Until(async () =>
        {
            _ = await second.ReadAsync(10, TimeSpan.FromMilliseconds(10), CancellationToken.None);
            return second.HasCaughtUp;
        });
    }

    [SkippableFact]
    public async Task A_notify_that_has_been_replaced_publishes_nothing()
    {
        Skip.IfNot(broker.HasTransactions, NoTransactions);
        await BeginNotifyAsync();
        await ProduceAlertsAsync(Given.Alert("a1"));
        await using var first = NotifyLog();
        var state = NewState();
        await first.OpenAsync(state, CancellationToken.None);
        await ReadAsync(first, state, 1);
        await using var second = NotifyLog();
        await second.OpenAsync(NewState(), CancellationToken.None);

        var refused = await Assert.ThrowsAsync<NotifyFencedException>(() =>
            first.PublishAsync(state.Decide(Given.NoonMs), CancellationToken.None)
        );

        Assert.Contains("another node has become the active one", refused.Message, StringComparison.Ordinal);
        await using var third = NotifyLog();
        var read = NewState();
        await third.OpenAsync(read, CancellationToken.None);
        Assert.Empty(read.Alerts());
        Assert.Equal(["a1"], await ReadAsync(third, read, 1));
    }

    [SkippableFact]
    public async Task A_record_that_is_no_alert_does_not_stop_notify()
    {
        await BeginNotifyAsync();
        await ProduceAsync([(Given.Gpu, "nonsense")]);
        await ProduceAlertsAsync(Given.Alert("a1"));
        await using var log = NotifyLog();
        var state = NewState();
        await log.OpenAsync(state, CancellationToken.None);

        Assert.Equal(["a1"], await ReadAsync(log, state, 1));
    }

    [SkippableFact]
    public async Task Open_alerts_are_those_of_notify_and_what_it_has_not_read_yet()
    {
        Skip.IfNot(broker.HasTransactions, NoTransactions);
        await BeginNotifyAsync();
        await ProduceAlertsAsync(Given.Alert("a1"), Given.Alert("a2"), Given.Alert("a3"));
        await using (var log = NotifyLog())
        {
            var state = NewState();
            await log.OpenAsync(state, CancellationToken.None);
            await ReadAsync(log, state, 3);
            await log.PublishAsync(state.Decide(Given.NoonMs), CancellationToken.None);
            await ProduceAlertsAsync(Resolved("a1"));
            await ReadAsync(log, state, 1);
            await log.PublishAsync(state.Decide(Given.NoonMs + 1), CancellationToken.None);
        }

        await ProduceAlertsAsync(Resolved("a3"), Given.Alert("a4"), Given.Alert("a5"), Resolved("a5"));
        using var history = History();

        var read = await history.ReadAsync(Partition, long.MaxValue, 1, CancellationToken.None);

        Assert.Equal(["a2", "a4"], read.Open.Select(alert => alert.AlertId.Value).Order(StringComparer.Ordinal));
        Assert.Equal(8, read.NextOffset);
        Assert.All(
            await Task.WhenAll(
                Enumerable
                    .Range(0, Partitions)
                    .Where(p => p != Partition)
                    .Select(p => history.ReadAsync(p, null, 100, CancellationToken.None))
            ),
            other => Assert.Empty(other.Open)
        );
    }

    [SkippableFact]
    public async Task Without_notify_open_alerts_are_known_as_far_back_as_the_alert_topic_is_read()
    {
        await BeginAsync();
        await ProduceAlertsAsync(Given.Alert("a1"), Given.Alert("a2"), Given.Alert("a3"), Resolved("a3"));
        using var history = History();

        var all = await history.ReadAsync(Partition, null, 100, CancellationToken.None);
        var newest = await history.ReadAsync(Partition, null, 3, CancellationToken.None);

        Assert.Equal(["a1", "a2"], all.Open.Select(alert => alert.AlertId.Value));
        Assert.Equal(["a2"], newest.Open.Select(alert => alert.AlertId.Value));
    }

    private static int Partition => Murmur2.Partition(GpuId.Parse(Given.Gpu), Partitions);

    private static AlertTransition Resolved(string id) => Given.Alert(id) with { Seq = 2, State = AlertState.Resolved };

    private KafkaAlertHistory History(KafkaClientSettings? client = null) => new(client ?? _client, _topic, NotifyTopics.Open, _group);

    private static Silence Silence =>
        new("s1", [new SilenceMatcher("host", "n9")], Given.NoonMs, Given.NoonMs + 1000, "ann", "", SilenceKind.Silence);

    private static NotifyState NewState() => new(new IncidentSettings(), new NotifySettings());

    private static async Task<IReadOnlyList<string>> ReadAsync(KafkaNotifyLog log, NotifyState state, int count)
    {
        var read = new List<AlertTransition>();
        await Eventually.Until(async () =>
        {
            read.AddRange(await log.ReadAsync(10, TimeSpan.FromMilliseconds(100), CancellationToken.None));
            return read.Count >= count;
        });
        read.ForEach(alert => state.Apply(alert, Given.NoonMs));
        return [.. read.Select(alert => alert.AlertId.Value)];
    }

    private KafkaNotifyLog NotifyLog() =>
        new(
            _client,
            new KafkaNotifySettings
            {
                TransactionalId = _group,
                GroupId = _group,
                FetchWait = TimeSpan.FromMilliseconds(50),
            },
            NotifyTopics,
            Partitions
        );

    private async Task BeginNotifyAsync()
    {
        await BeginAsync();
        foreach (var topic in new[] { NotifyTopics.Open, NotifyTopics.Incidents, NotifyTopics.Pages, NotifyTopics.Operations })
        {
            await broker.CreateTopicAsync(topic, Partitions);
        }
    }

    private async Task ProduceAlertsAsync(params AlertTransition[] alerts) =>
        await ProduceAsync(alerts.Select(alert => (alert.Gpu.Value, Encoding.UTF8.GetString(AlertCodec.Encode(alert)))));
}
