using GpuActors.Host.Configuration;
using GpuActors.Kafka.Admin;

namespace GpuActors.Host.Node;

/// <summary>
/// Notices partitions that are added while nodes run. A partition is a shard: with another number of them the same GPU has another
/// partition, and two actors on two nodes would watch it.
/// </summary>
internal sealed class TopicWatch : IAsyncDisposable
{
    /// <summary>How often the brokers are asked; producers learn of new partitions within minutes.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly KafkaTopics _topics;
    private readonly HostSettings _settings;
    private readonly Action<string> _fail;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <param name="settings">Topics and their number of partitions.</param>
    /// <param name="fail">Called once with the reason when a topic has more.</param>
    public TopicWatch(HostSettings settings, Action<string> fail)
    {
        (_settings, _fail) = (settings, fail);
        _topics = new KafkaTopics(settings.Kafka);
        _watching = WatchAsync();
    }

    /// <summary>What is wrong with the partition counts, with the remedy; null when nothing is.</summary>
    internal static string? Problem(IEnumerable<string> topics, int wanted, IReadOnlyDictionary<string, int> counts)
    {
        var wrong = topics.Where(topic => counts.TryGetValue(topic, out var count) && count != wanted).ToList();
        return wrong.Count == 0
            ? null
            : $"Partitions were added to {string.Join(", ", wrong.Select(topic => $"{topic} (now {counts[topic]})"))}, while "
                + $"kafka.topics.partitions is {wanted}: a GPU would have records on two partitions. Kafka cannot take partitions back. "
                + "Stop all nodes and producers, and start the nodes with new topics (kafka.topics.*), or give every topic the same number "
                + "of partitions, set kafka.topics.partitions to it on all nodes, and delete the checkpoints (delete from gpu_checkpoint)";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _topics.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    var counts = await _topics.GetPartitionCountsAsync(_settings.TopicLayout.Timeout, _stop.Token).ConfigureAwait(false);
                    if (Problem(_settings.Topics.All, _settings.TopicLayout.Partitions, counts) is { } problem)
                    {
                        _fail(problem);
                        return;
                    }
                }
                catch (KafkaTopicException)
                {
                    // No broker answers; the consumers tell of it.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }
}
