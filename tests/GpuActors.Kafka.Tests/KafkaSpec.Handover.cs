using System.Text;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Kafka.Tests;

// How a partition goes from one node to the next.
public abstract partial class KafkaSpec
{
    [SkippableFact]
    public async Task What_is_put_in_order_before_a_partition_leaves_is_committed()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 20).Select(i => ("same", $"{i}")));
        var first = Read(
            settings: Settings with
            {
                ManualCommit = true,
            },
            handle: (partition, batch) =>
            {
                partition.BeforeRelease = async () =>
                {
                    await Task.Yield();
                    partition.CommitUpTo(20);
                };
                partition.Done(batch);
                return Task.CompletedTask;
            }
        );
        await first.Until(20);
        await first.StopAsync();
        await ProduceAsync([("same", "late")]);

        var second = Read();
        await second.Until(1);
        await second.StopAsync();
        Assert.Equal("late", Assert.Single(second.Records).Value);
    }

    [SkippableFact]
    public async Task A_partition_that_is_not_put_in_order_leaves_all_the_same()
    {
        await BeginAsync();
        await ProduceAsync([("same", "1")]);
        var reader = Read(
            settings: Settings with
            {
                ManualCommit = true,
            },
            handle: (partition, batch) =>
            {
                partition.BeforeRelease = () => throw new InvalidOperationException("the database is down");
                partition.Done(batch);
                return Task.CompletedTask;
            }
        );
        await reader.Until(1);
        await reader.StopAsync();

        var next = Read();
        await next.Until(1);
        await next.StopAsync();
    }

    [SkippableFact]
    public async Task A_consumer_that_stops_while_its_start_offsets_are_looked_up_ends_well()
    {
        await BeginAsync();
        await ProduceAsync([("same", "1")]);
        var asked = new TaskCompletionSource();
        var reader = Read(
            startOffsets: async (_, cancellationToken) =>
            {
                asked.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                throw new InvalidOperationException("never");
            }
        );
        await asked.Task.Completes();

        await reader.StopAsync();

        Assert.Empty(reader.Records);
    }

    [SkippableFact]
    public async Task A_batch_that_is_skipped_is_read_by_the_next_owner_and_holds_nothing_up()
    {
        await BeginAsync();
        await ProduceAsync([("same", "1")]);
        var first = Read(
            handle: (partition, batch) =>
            {
                partition.Skip(batch);
                return Task.CompletedTask;
            }
        );
        await first.Until(1);
        await first.StopAsync();

        var second = Read();
        await second.Until(1);
        await second.StopAsync();
        Assert.Equal("1", Assert.Single(second.Records).Value);
    }

    [SkippableFact]
    public async Task A_partition_whose_reader_stops_is_assigned_again_and_the_others_are_read_on()
    {
        await BeginAsync();
        await ProduceAsync([("same", "1"), ("same", "2"), ("other", "3")]);
        var failing = Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions);
        var failures = 0;
        var reader = Read(
            handle: (partition, batch) =>
            {
                if (partition.Partition == failing && failures++ < 2)
                {
                    partition.ReaderStopped();
                    return Task.CompletedTask;
                }

                partition.Done(batch);
                return Task.CompletedTask;
            }
        );
        await Eventually.Until(() => reader.Records.Count(record => record.Value == "2") == 3);
        await ProduceAsync([("same", "4")]);
        await Eventually.Until(() => reader.Records.Any(record => record.Value == "4"));
        await reader.StopAsync();

        Assert.Equal(
            ["1", "2", "1", "2", "1", "2", "4"],
            reader.Records.Where(record => record.Value != "3").Select(record => record.Value!)
        );
        Assert.Single(reader.Records, record => record.Value == "3");
    }

    [SkippableFact]
    public async Task The_end_of_the_log_is_known_to_its_leader()
    {
        await BeginAsync();
        await ProduceAsync([("same", "1"), ("same", "2")]);
        var end = new TaskCompletionSource<long?>();
        var reader = Read(
            handle: async (partition, batch) =>
            {
                end.TrySetResult(await partition.QueryEndOffsetAsync(Eventually.Limit));
                partition.Done(batch);
            }
        );
        Assert.Equal(2, await end.Task.Completes());
        await reader.StopAsync();
    }

    [SkippableFact]
    public async Task Followed_partitions_are_read_from_where_it_is_said_until_they_are_left()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 20).Select(i => ("same", $"{i}")));
        var partition = Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions);
        var followed = new FollowedPartitions();
        followed.Follow((partition + 1) % Partitions, null);
        var reader = Read(followed: followed);
        followed.Follow(partition, 15);
        await reader.Until(5);
        Assert.Equal(2, reader.Control.Partitions.Count);

        await followed.LeaveAsync(partition).Completes();
        Assert.Equal([(partition + 1) % Partitions], reader.Control.Partitions);
        await ProduceAsync([("same", "unread")]);

        followed.Follow(partition, null);
        await reader.Until(6);
        await reader.StopAsync();
        Assert.Equal([.. Enumerable.Range(15, 5).Select(i => $"{i}"), "unread"], reader.Records.Select(r => r.Value));
    }

    [SkippableFact]
    public async Task A_partition_that_left_while_it_was_paused_is_read_when_it_comes_back()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 100).Select(i => ("same", $"{i}")));
        var partition = Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions);
        var paused = new TaskCompletionSource();
        using var listener = Listen("gpuactors.kafka.consumer.pauses", _ => paused.TrySetResult());
        var followed = new FollowedPartitions();
        followed.Follow(partition, 0);
        var left = false;
        var settings = Settings with
        {
            MaxBatchRecords = 10,
            MaxBatchesInFlight = 2,
            PauseAfter = TimeSpan.FromMilliseconds(20),
            RevokeDrainTimeout = TimeSpan.FromMilliseconds(50),
        };
        var reader = Read(
            settings: settings,
            followed: followed,
            handle: (assigned, batch) =>
            {
                if (Volatile.Read(ref left))
                {
                    assigned.Done(batch);
                }

                return Task.CompletedTask;
            }
        );
        await paused.Task.Completes();

        await followed.LeaveAsync(partition).Completes();
        Volatile.Write(ref left, true);
        followed.Follow(partition, 0);

        await reader.Until(records => records.Exists(r => r.Value == "99"));
        await reader.StopAsync();
    }

    [SkippableFact]
    public async Task A_consumer_that_stops_while_a_followed_partition_is_paused_ends_well()
    {
        await BeginAsync();
        await ProduceAsync(Enumerable.Range(0, 100).Select(i => ("same", $"{i}")));
        var paused = new TaskCompletionSource();
        using var listener = Listen("gpuactors.kafka.consumer.pauses", _ => paused.TrySetResult());
        var followed = new FollowedPartitions();
        followed.Follow(Murmur2.Partition(Encoding.UTF8.GetBytes("same"), Partitions), 0);
        var settings = Settings with
        {
            MaxBatchRecords = 10,
            MaxBatchesInFlight = 2,
            PauseAfter = TimeSpan.FromMilliseconds(20),
            RevokeDrainTimeout = TimeSpan.FromMilliseconds(50),
        };
        var reader = Read(settings: settings, followed: followed, handle: (_, _) => Task.CompletedTask);
        await paused.Task.Completes();

        await reader.StopAsync();

        Assert.True(reader.Control.Completion.IsCompletedSuccessfully);
    }

    [SkippableFact]
    public async Task Published_alerts_are_read_back_from_an_offset_on_and_without_one_the_newest()
    {
        await BeginAsync();
        var gpu = GpuId.Parse("GPU-00000001-6156-355b-e589-ff2064894f16");
        var partition = Murmur2.Partition(gpu, Partitions);
        await ProduceAsync([
            .. Enumerable.Range(1, 5).Select(seq => (gpu.Value, Encoding.UTF8.GetString(AlertCodec.Encode(Alert(gpu, seq))))),
            (gpu.Value, "no alert"),
        ]);
        using var history = History();
        using var limit = new CancellationTokenSource(Eventually.Limit);

        var reads = await Task.WhenAll(
            Enumerable.Range(0, Partitions).Select(p => history.ReadAsync(p, p == partition ? 3 : null, 100, limit.Token))
        );
        var newest = await history.ReadAsync(partition, null, 3, limit.Token);
        var none = await history.ReadAsync(partition, 6, 100, limit.Token);

        Assert.Equal([4, 5], reads[partition].Transitions.Select(a => a.Seq));
        Assert.Equal(6, reads[partition].NextOffset);
        Assert.All(reads.Where((_, p) => p != partition), read => Assert.Equal((0, 0), (read.NextOffset, read.Transitions.Count)));
        Assert.Equal([4, 5], newest.Transitions.Select(a => a.Seq));
        Assert.Equal((6, 0), (none.NextOffset, none.Transitions.Count));
    }

    [SkippableFact]
    public async Task Reading_back_from_brokers_that_are_away_ends_when_it_is_told_to()
    {
        await BeginAsync();
        using var history = History(_client with { BootstrapServers = "127.0.0.1:1" });
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => history.ReadAsync(0, null, 100, limit.Token));
    }

    private static AlertTransition Alert(GpuId gpu, int seq) =>
        Given.Alert() with
        {
            Seq = seq,
            State = seq % 2 == 1 ? AlertState.Firing : AlertState.Resolved,
            Gpu = gpu,
        };
}
