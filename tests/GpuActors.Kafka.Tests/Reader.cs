using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using GpuActors.Core.Messaging;
using GpuActors.Kafka.Batching;
using GpuActors.Kafka.Consuming;
using GpuActors.Kafka.Settings;
using GpuActors.Testing;

namespace GpuActors.Kafka.Tests;

/// <summary>Runs a source and remembers what came; a test waits for a state of it, never for a time.</summary>
internal sealed class Reader<TBatch, TRecord>
    where TBatch : class
{
    private readonly Lock _gate = new();
    private readonly List<TRecord> _records = [];
    private readonly List<(Func<List<TRecord>, bool> Condition, TaskCompletionSource Met)> _waiting = [];

    public Reader(
        ActorSystem system,
        KafkaClientSettings client,
        KafkaConsumerSettings settings,
        Func<IRecordBatcher<TBatch>> batcher,
        Func<TBatch, IEnumerable<TRecord>> records,
        Func<IPartitionBatches<TBatch>, TBatch, Task>? handle = null,
        StartOffsets? startOffsets = null,
        FollowedPartitions? followed = null
    )
    {
        handle ??= (partition, batch) =>
        {
            partition.Done(batch);
            return Task.CompletedTask;
        };
        var materializer = system.Materializer();
        var source = followed is null
            ? KafkaSource.CommittablePartitionedSource(client, settings, batcher, startOffsets)
            : KafkaSource.FollowingPartitionedSource(client, settings, batcher, followed);
        (Control, Ended) = source
            .ToMaterialized(
                Sink.ForEach<IPartitionBatches<TBatch>>(partition =>
                    _ = Task.Run(async () =>
                    {
                        await foreach (var batch in partition.Batches.ReadAllAsync())
                        {
                            Remember(records(batch));
                            await handle(partition, batch);
                        }
                    })
                ),
                Keep.Both
            )
            .Run(materializer);
    }

    public IConsumerControl Control { get; }

    public Task Ended { get; }

    public List<TRecord> Records
    {
        get
        {
            lock (_gate)
            {
                return [.. _records];
            }
        }
    }

    public Task Until(int count) => Until(records => records.Count >= count, $"{count} records");

    public async Task Until(Func<List<TRecord>, bool> condition, [CallerArgumentExpression(nameof(condition))] string expected = "")
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (condition(_records))
            {
                return;
            }

            _waiting.Add((condition, met));
        }

        var ended = await Task.WhenAny(met.Task, FailedAsync())
            .Completes(() => $"{Records.Count} records; errors {Control.Errors}, last: {Control.LastError}", phase: expected);
        await ended;
    }

    public Task StopAsync() => Control.DrainAndStop().Completes();

    private async Task FailedAsync()
    {
        await Control.Completion;
        throw new InvalidOperationException($"The source ended after {Records.Count} records");
    }

    private void Remember(IEnumerable<TRecord> records)
    {
        lock (_gate)
        {
            _records.AddRange(records);
            foreach (var (condition, met) in _waiting)
            {
                if (condition(_records))
                {
                    met.TrySetResult();
                }
            }
        }
    }
}
