using System.Globalization;
using System.Text;
using GpuActors.Core.Alerts;
using GpuActors.Core.Messaging;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Store;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Store;

public sealed class StoreEngineSpec : ActorSpec
{
    private const string Topic = "gpu-metrics-raw";
    private readonly EngineMetrics _metrics = new();
    private readonly FakeStore _store = new();
    private readonly FakeProducer _deadLetters = new();

    [Fact]
    public async Task Batches_are_written_whole_in_order_and_then_done()
    {
        var registry = new GpuRegistry();
        var batches = Enumerable
            .Range(0, 10)
            .Select(b => Batches.Of(registry, 5, b * 10, Enumerable.Range(0, 10).Select(g => (g, b, 0)).ToArray()))
            .ToArray();
        var done = new List<long>();

        using var engine = Start(() => Batches.Source(5, b => done.Add(b.FirstOffset), batches));
        await engine.Completion.Completes();

        Assert.Equal(100, _store.Rows.Count);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (5, (long)i)), _store.Rows);
        Assert.Equal(Enumerable.Range(0, 10).Select(b => b * 10L), done);
        Assert.Equal(100, _metrics.Snapshot().RowsWritten);
        Assert.Equal(0, _metrics.Snapshot().StoreQueueRows);
    }

    [Fact]
    public async Task A_database_that_is_away_costs_no_row_and_no_double()
    {
        _store.FailNext = 3;
        var registry = new GpuRegistry();

        using var engine = Start(() => Batches.Source(0, _ => { }, Batches.Of(registry, 0, 0, (1, 0, 0), (2, 0, 0))));
        await engine.Completion.Completes();

        Assert.Equal([(0, 0L), (0, 1L)], _store.Rows);
        Assert.Equal(3, _metrics.Snapshot().StoreRetries);
    }

    [Fact]
    public async Task A_slow_database_holds_the_log_up_and_bounds_what_waits()
    {
        _store.FailNext = int.MaxValue;
        var registry = new GpuRegistry();
        var taken = 0;
        var endless = Enumerable
            .Range(0, 1_000_000)
            .Select(b =>
            {
                Interlocked.Increment(ref taken);
                return Batches.Of(registry, 0, b * 10L, Enumerable.Range(0, 10).Select(g => (g, b, 0)).ToArray());
            });

        using var engine = Start(
            () => Batches.Source(new TestPartition<SampleBatch>(0).Provide(endless)),
            new StoreSettings
            {
                MaxBatchRows = 100,
                FlushInterval = TimeSpan.FromMilliseconds(50),
                MinRetryDelay = TimeSpan.FromMilliseconds(5),
                MaxRetryDelay = TimeSpan.FromMilliseconds(5),
            }
        );
        await Eventually.Until(() => _metrics.Snapshot().StoreRetries > 50);

        // One group is written, one is gathered, and stages between them hold a few batches each.
        Assert.InRange(Volatile.Read(ref taken), 10, 60);
        Assert.InRange(_metrics.Snapshot().StoreQueueRows, 100, 600);
        _store.FailNext = 0;
        await Eventually.Until(() => _metrics.Snapshot().RowsWritten > 10_000);
        engine.GiveUp();
    }

    [Fact]
    public async Task A_partition_with_a_conflict_is_read_again_alone()
    {
        var registry = new GpuRegistry();
        _store.Offsets[0] = 2; // Another owner has stored the first two.
        var assigned = System.Threading.Channels.Channel.CreateUnbounded<IPartitionBatches<SampleBatch>>();
        var starts = 0;
        var stale = new TestPartition<SampleBatch>(0).Provide([Batches.Of(registry, 0, 0, (1, 0, 0), (2, 0, 0), (3, 0, 0))], true);
        stale.OnReaderStopped = () =>
        {
            stale.OnReaderStopped = () => { };
            stale.Revoke();
            assigned.Writer.TryWrite(new TestPartition<SampleBatch>(0).Provide([Batches.Of(registry, 0, _store.Offsets[0], (3, 0, 0))]));
            assigned.Writer.Complete();
        };
        assigned.Writer.TryWrite(stale);
        assigned.Writer.TryWrite(new TestPartition<SampleBatch>(2).Provide([Batches.Of(registry, 2, 0, (4, 0, 0))]));

        using var engine = Start(() =>
        {
            starts++;
            return Akka.Streams.Dsl.ChannelSource.FromReader(assigned.Reader);
        });
        await engine.Completion.Completes();

        Assert.Equal(1, starts);
        Assert.Equal([(0, 2L), (2, 0)], _store.Rows.Order());
        Assert.Equal(0, _metrics.Snapshot().StoreQueueRows);
    }

    [Fact]
    public async Task Giving_up_ends_a_write_that_is_tried_again()
    {
        _store.FailNext = int.MaxValue;
        var registry = new GpuRegistry();

        using var engine = Start(() => Batches.Source(0, _ => { }, Batches.Of(registry, 0, 0, (1, 0, 0))));
        await Eventually.Until(() => _metrics.Snapshot().StoreRetries > 0);
        engine.GiveUp();
        await engine.Completion.Completes();

        Assert.Empty(_store.Rows);
    }

    [Fact]
    public async Task Predictions_are_written_with_their_offset_and_a_record_that_is_none_is_told_and_passed_over()
    {
        var batch = new FactBatch<FailurePrediction>(
            3,
            10,
            13,
            [Of(1), Of(2)],
            [10, 11],
            [new RejectedRecord(3, 12, null, [1], RejectReason.MalformedJson, "Member 'gpu' is missing")]
        );
        var done = 0;

        var warning = EventFilter.Warning(
            contains: "1 records of gpu-predictions are not stored, the first at partition 3, offset 12: Member 'gpu' is missing"
        );
        await warning.ExpectOneAsync(async () =>
        {
            using var engine = Start(
                () => Akka.Streams.Dsl.Source.Empty<IPartitionBatches<SampleBatch>>(),
                predictions: () => Batches.Source(3, _ => done++, batch)
            );
            await engine.Completion.Completes();
        });

        Assert.Equal([Batches.Gpu(1), Batches.Gpu(2)], _store.Predictions);
        Assert.Equal([new IngestOffset("gpu-predictions", 3, 13)], _store.Facts);
        Assert.Equal("gpu-predictions 3 12 malformed_json", Assert.Single(DeadLetters()));
        Assert.Equal(1, done);
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_becomes_a_dead_letter_and_the_others_are_stored_with_their_offsets()
    {
        var registry = new GpuRegistry();
        _store.Refused = [(0, 1), (0, 2), (0, 5)];
        var done = new List<long>();

        using var engine = Start(() =>
            Batches.Source(
                0,
                b => done.Add(b.FirstOffset),
                Batches.Of(registry, 0, 0, (1, 0, 0), (2, 0, 0), (3, 0, 0)),
                Batches.Of(registry, 0, 3, (1, 1, 0), (2, 1, 0)),
                Batches.Of(registry, 0, 5, (3, 1, 0))
            )
        );
        await engine.Completion.Completes();

        Assert.Equal([(0, 0L), (0, 3), (0, 4)], _store.Rows);
        Assert.Equal(6, _store.Offsets[0]);
        Assert.Equal([0L, 3, 5], done);
        Assert.Equal(
            [
                "gpu-metrics-raw 0 1 refused_by_database",
                "gpu-metrics-raw 0 2 refused_by_database",
                "gpu-metrics-raw 0 5 refused_by_database",
            ],
            DeadLetters()
        );
        var letter = _deadLetters.Delivered[0];
        Assert.Equal("23514: no", Header(letter, DeadLetter.DetailHeader));
        Assert.Equal(Batches.Gpu(2).Value, Encoding.ASCII.GetString(letter.Key!));
        Assert.Contains("\"gpu_temp\":60", Encoding.UTF8.GetString(letter.Value!), StringComparison.Ordinal);
        Assert.Equal(3, _metrics.Snapshot().RowsWritten);
        Assert.Equal(0, _metrics.Snapshot().StoreQueueRows);
    }

    [Fact]
    public async Task No_offset_moves_before_the_dead_letter_is_delivered()
    {
        _store.Refused = [(0, 0)];
        _deadLetters.Hold = true;

        using var engine = Start(() => Batches.Source(0, _ => { }, Batches.Of(new GpuRegistry(), 0, 0, (1, 0, 0), (2, 0, 0))));
        await Eventually.Until(() => _deadLetters.Delivered.Count == 1);
        Assert.Empty(_store.Offsets);
        _deadLetters.Release();
        await engine.Completion.Completes();

        Assert.Equal([(0, 1L)], _store.Rows);
    }

    [Fact]
    public async Task A_dead_letter_that_is_too_large_for_the_broker_is_shortened()
    {
        _store.Refused = [(0, 0)];
        _deadLetters.MaxBytes = 40;

        using var engine = Start(() => Batches.Source(0, _ => { }, Batches.Of(new GpuRegistry(), 0, 0, (1, 0, 0), (2, 0, 0))));
        await engine.Completion.Completes();

        var letter = Assert.Single(_deadLetters.Delivered);
        Assert.InRange(letter.Value!.Length, 1, 40);
        Assert.True(int.Parse(Header(letter, DeadLetter.OriginalLengthHeader), CultureInfo.InvariantCulture) > 40);
        Assert.Equal([(0, 1L)], _store.Rows);
    }

    [Fact]
    public async Task An_alert_that_the_database_refuses_becomes_a_dead_letter_and_the_others_are_stored()
    {
        _store.RefusedPredictions = [Batches.Gpu(2)];
        var batch = new FactBatch<FailurePrediction>(3, 10, 17, [Of(1), Of(2), Of(3)], [10, 12, 16], []);

        using var engine = Start(
            () => Akka.Streams.Dsl.Source.Empty<IPartitionBatches<SampleBatch>>(),
            predictions: () => Batches.Source(3, _ => { }, batch)
        );
        await engine.Completion.Completes();

        Assert.Equal([Batches.Gpu(1), Batches.Gpu(3)], _store.Predictions);
        Assert.Equal([new IngestOffset("gpu-predictions", 3, 17)], _store.Facts);
        Assert.Equal("gpu-predictions 3 12 refused_by_database", Assert.Single(DeadLetters()));
    }

    protected override void AfterAll()
    {
        _metrics.Dispose();
        base.AfterAll();
    }

    private static FailurePrediction Of(int gpu) =>
        new()
        {
            Gpu = Batches.Gpu(gpu),
            PredictionTimeMs = Batches.StartMs,
            FailureProbability7d = 0.1,
            FailureProbability30d = 0.2,
            FailureProbability90d = 0.3,
            ModelVersion = "1",
        };

    private static string Header(OutgoingRecord record, string name) =>
        Encoding.UTF8.GetString(record.Headers!.Single(header => header.Key == name).Value);

    private IReadOnlyList<string> DeadLetters() =>
        [
            .. _deadLetters.Delivered.Select(letter =>
                string.Join(
                    ' ',
                    new[] { DeadLetter.TopicHeader, DeadLetter.PartitionHeader, DeadLetter.OffsetHeader, DeadLetter.ReasonHeader }.Select(
                        name => Header(letter, name)
                    )
                )
            ),
        ];

    private StoreEngine Start(
        Func<Akka.Streams.Dsl.Source<IPartitionBatches<SampleBatch>, Akka.NotUsed>> samples,
        StoreSettings? settings = null,
        Func<Akka.Streams.Dsl.Source<IPartitionBatches<FactBatch<FailurePrediction>>, Akka.NotUsed>>? predictions = null
    ) =>
        StoreEngine.Start(
            Sys,
            new StoreOptions
            {
                Samples = samples,
                Alerts = () => Akka.Streams.Dsl.Source.Empty<IPartitionBatches<FactBatch<AlertTransition>>>(),
                Predictions = predictions ?? (() => Akka.Streams.Dsl.Source.Empty<IPartitionBatches<FactBatch<FailurePrediction>>>()),
                SampleTopic = Topic,
                AlertTopic = "gpu-alerts",
                PredictionTopic = "gpu-predictions",
                DeadLetters = _deadLetters,
                DeadLetterTopic = "gpu-metrics-dead-letter",
                Store = _store,
                IsTransient = e => e is TimeoutException,
                Settings =
                    settings
                    ?? new StoreSettings { FlushInterval = TimeSpan.FromMilliseconds(50), MinRetryDelay = TimeSpan.FromMilliseconds(5) },
                Metrics = _metrics,
            }
        );

    private sealed class FakeStore : ITelemetryStore
    {
        private readonly Lock _lock = new();

        public List<(int Partition, long Offset)> Rows { get; } = [];

        public Dictionary<int, long> Offsets { get; } = [];

        public List<GpuId> Predictions { get; } = [];

        public List<IngestOffset> Facts { get; } = [];

        public int FailNext { get; set; }

        public HashSet<(int Partition, long Offset)> Refused { get; set; } = [];

        public HashSet<GpuId> RefusedPredictions { get; set; } = [];

        public Task<int> WriteSamplesAsync(string topic, IReadOnlyList<SampleBatch> batches, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                if (FailNext > 0)
                {
                    FailNext--;
                    throw new TimeoutException("the database is away");
                }

                ThrowIfRefused(batches.SelectMany(b => b.Samples.ToArray().Select(s => Refused.Contains((b.Partition, s.Offset)))));
                foreach (var batch in batches)
                {
                    if (Offsets.TryGetValue(batch.Partition, out var stored) && stored > batch.FirstOffset)
                    {
                        throw new OffsetConflictException(topic, batch.Partition, stored, batch.FirstOffset);
                    }

                    foreach (var sample in batch.Samples)
                    {
                        Rows.Add((batch.Partition, sample.Offset));
                    }

                    Offsets[batch.Partition] = batch.NextOffset;
                }

                return Task.FromResult(batches.Sum(b => b.Count));
            }
        }

        public Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> GetSchemaVersionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<int, long>> GetOffsetsAsync(string topic, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task WriteAlertsAsync(
            IReadOnlyList<AlertTransition> transitions,
            IReadOnlyList<IngestOffset> offsets,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task WritePredictionsAsync(
            IReadOnlyList<FailurePrediction> predictions,
            IReadOnlyList<IngestOffset> offsets,
            CancellationToken cancellationToken
        )
        {
            lock (_lock)
            {
                ThrowIfRefused(predictions.Select(p => RefusedPredictions.Contains(p.Gpu)));
                Predictions.AddRange(predictions.Select(p => p.Gpu));
                Facts.AddRange(offsets);
            }

            return Task.CompletedTask;
        }

        private static void ThrowIfRefused(IEnumerable<bool> rows)
        {
            var refused = rows.Select((no, i) => (no, i)).Where(row => row.no).Select(row => new RefusedRow(row.i, "23514: no")).ToList();
            if (refused.Count > 0)
            {
                throw new RowsRefusedException(refused, new InvalidOperationException("no"));
            }
        }

        public Task<long> ReadSamplesAsync(
            GpuIdentity gpu,
            long fromMs,
            long toMs,
            Action<GpuSample> take,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<long> CountRowsAsync(string table, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
