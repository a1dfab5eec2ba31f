using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;

namespace GpuActors.Core.Tests.Checkpoints;

/// <summary>A checkpoint holds what changed, and gives back what it was made of.</summary>
public sealed class CheckpointTests
{
    private static readonly GpuId Gpu = GpuId.Parse(Given.Gpu);
    private static readonly GpuRegistry Registry = new();

    // Samples: steps of seconds to days, late ones, missing values. Events: a checkpoint that is written, one that fails, a restart.
    private static readonly Gen<Step> Steps = Gen.Frequency(
            (30, Gen.Choose(0, 90_000)),
            (3, Gen.Choose(0, 4_000_000)),
            (1, Gen.Choose(0, 300_000_000))
        )
        .SelectMany(step => Gen.Frequency((6, Gen.Constant(0)), (1, Gen.Choose(0, 5_000_000))).Select(late => (step, late)))
        .SelectMany(time => Gen.Choose(0, 100).Select(value => (time.step, time.late, value)))
        .SelectMany(sample => Gen.Choose(0, 30).Select(what => new Step(sample.step, sample.late, sample.value, what)));

    [Fact]
    public void A_gpu_that_is_restored_equals_one_that_never_stopped_to_the_last_bit() =>
        Prop.ForAll(
                Gen.ArrayOf(Steps, 250).ToArbitrary(),
                steps =>
                {
                    var rules = new RuleSettings();
                    var database = new Pieces();
                    var (undisturbed, kept) = (new GpuState(Gpu), new GpuState(Gpu));
                    var replay = new List<Action<GpuState>>();
                    var now = Given.NoonMs;
                    var offset = 0L;
                    foreach (var step in steps)
                    {
                        now += step.StepMs;
                        var sample = Sample(now - step.LateMs, offset++, step.Value);
                        replay.Add(state => state.Apply(sample, rules, []));
                        if (step.What > 27)
                        {
                            // Of an hour that no late sample has changed.
                            var (line, at) = (Line(now - (2 * step.LateMs) - Durations.HourMs), offset);
                            replay.Add(state => state.Apply(line, 0, at, line.TimeMs, rules, []));
                        }

                        foreach (var input in replay.TakeLast(step.What > 27 ? 2 : 1))
                        {
                            input(undisturbed);
                            input(kept);
                        }

                        switch (step.What)
                        {
                            case < 6:
                                database.Write(kept, written: true);
                                replay.Clear();
                                break;
                            case 6:
                                database.Write(kept, written: false);
                                break;
                            case 7:
                                // What was not written is read again from the log.
                                kept = database.Read();
                                replay.ForEach(again => again(kept));
                                break;
                        }

                        Assert.Equal(undisturbed.Save(), kept.Save());
                    }

                    foreach (var minutes in new[] { 1, 5, 60 })
                    {
                        Assert.Equal(
                            undisturbed.Windows.LastMinutes(Metric.PowerUsage, minutes, now),
                            kept.Windows.LastMinutes(Metric.PowerUsage, minutes, now)
                        );
                    }

                    Assert.Equal(undisturbed.Windows.HourlyMeans(Metric.GpuTemp, now), kept.Windows.HourlyMeans(Metric.GpuTemp, now));
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void A_closed_hour_is_written_once_and_again_when_a_late_value_changes_it()
    {
        var state = new GpuState(Gpu);
        var database = new Pieces();
        Apply(state, 0, 10);
        database.Write(state, written: true);
        Apply(state, 3600, 20);
        database.Write(state, written: true);
        Assert.Single(database.Of(CheckpointPart.Hours), piece => piece.Number == 2);

        Apply(state, 3660, 20);
        database.Write(state, written: true);
        Assert.DoesNotContain(database.Of(CheckpointPart.Hours), piece => piece.Number == 3);

        Apply(state, 60, 99); // Late.
        database.Write(state, written: true);
        Assert.Single(database.Of(CheckpointPart.Hours), piece => piece.Number == 4);
        Assert.Equal(99, database.Read().Windows.LastHours(Metric.GpuTemp, 1, Given.NoonMs).Max);
    }

    [Fact]
    public void Pieces_are_of_a_megabyte_and_no_gpu_is_torn()
    {
        using var draft = new CheckpointDraft(1, 0);
        var state = new GpuState(Gpu);
        for (var hour = 0; hour < 100; hour++)
        {
            Apply(state, hour * 3600, 50);
        }

        for (var slot = 0; slot < 2000; slot++)
        {
            draft.Add(GpuId.Parse($"GPU-{slot}"), slot, GpuState.Load(Gpu, state.Save()));
        }

        var restore = new CheckpointRestore();
        Assert.True(draft.Pieces.Count > 3);
        foreach (var piece in draft.Pieces.OrderBy(piece => piece.Part))
        {
            Assert.InRange(piece.Bytes.Length, 1, CheckpointDraft.PieceBytes);
            restore.Take(piece);
        }

        restore.Complete(1);
        Assert.Empty(restore.Problems);
        Assert.Equal(2000, restore.Gpus.Count);
        Assert.All(restore.Gpus.Values, gpu => Assert.Equal(state.Save(), gpu.State!.Save()));
    }

    [Fact]
    public void Every_gpu_writes_all_its_minutes_again_before_the_older_ones_are_deleted()
    {
        var state = new GpuState(Gpu);
        var database = new Pieces();
        for (var minute = 0; minute < 200; minute++)
        {
            Apply(state, minute * 60, minute % 100);
            database.Write(state, written: true);
            Assert.Equal(state.Save(), database.Read().Save());
        }

        Assert.InRange(database.Of(CheckpointPart.Minutes).Count(), 1, CheckpointDraft.MinutesCycle);
    }

    // The refused checkpoint had the number of the other node's: that number in the database does not mean that this node wrote it.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_checkpoint_of_another_node_in_between_makes_a_gpu_write_all_again(int checkpointsOfTheOther)
    {
        var database = new Pieces();
        var state = new GpuState(Gpu);
        Apply(state, 0, 10);
        database.Write(state, written: true);
        var other = database.Read();
        var otherWriter = new Pieces.Writer(database);
        for (var i = 0; i < checkpointsOfTheOther; i++)
        {
            Apply(other, 120 * (i + 1), 11);
            Assert.True(otherWriter.Write(other));
        }

        var writer = new Pieces.Writer(database, number: 1);
        Apply(state, 60, 12);
        Apply(state, 180, 13);
        Assert.False(writer.Write(state));
        Apply(state, 600, 14);
        Assert.True(writer.Write(state));
        Apply(state, 900, 15);
        Assert.True(writer.Write(state));

        Assert.Equal(state.Save(), database.Read().Save());
    }

    [Fact]
    public void Damaged_bytes_cost_their_gpu_alone()
    {
        using var draft = new CheckpointDraft(1, 0);
        foreach (var slot in new[] { 0, 1 })
        {
            var state = new GpuState(Gpu);
            Apply(state, 0, 50);
            draft.Add(GpuId.Parse($"GPU-{slot}"), slot, state);
        }

        var bytes = draft.Pieces.Single(piece => piece.Part == CheckpointPart.States).Bytes.ToArray();
        bytes[sizeof(int) + 1 + 1 + 5] = 99; // The version, after length, slot and id.
        var restore = new CheckpointRestore();
        restore.Take(new CheckpointPiece(CheckpointPart.States, 1, bytes));

        Assert.Null(restore.Gpus[GpuId.Parse("GPU-0")].State);
        Assert.Contains("version 99", restore.Gpus[GpuId.Parse("GPU-0")].Problem, StringComparison.Ordinal);
        Assert.Equal(1, restore.Gpus[GpuId.Parse("GPU-1")].State!.Samples);
        Assert.Empty(restore.Problems);
    }

    [Fact]
    public void Whatever_bytes_there_are_are_read_or_reported() =>
        Prop.ForAll<byte[]>(bytes =>
            {
                foreach (var part in Enum.GetValues<CheckpointPart>())
                {
                    var restore = new CheckpointRestore();
                    restore.Take(new CheckpointPiece(part, 1, bytes));
                    Assert.True(bytes.Length == 0 || restore.Problems.Count > 0 || restore.Gpus.Count > 0 || part != CheckpointPart.States);
                }
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static void Apply(GpuState state, int second, double value) =>
        Assert.True(state.Apply(Sample(Given.NoonMs + (second * 1000L), state.Samples, value), new RuleSettings(), []));

    private static GpuSample Sample(long timeMs, long offset, double value)
    {
        var sample = Given.Sample(
            Registry,
            (Metric.GpuTemp, value),
            (Metric.PowerUsage, value % 7 == 0 ? double.NaN : value * 3.123),
            (Metric.SmActive, value / 300),
            (Metric.EccSbeVolatile, offset / 3),
            (Metric.EccDbeVolatile, offset / 7),
            (Metric.ThrottleReasons, value % 3 == 0 ? 0x24 : 0)
        );
        (sample.TimeMs, sample.AppendTimeMs, sample.Offset) = (timeMs, timeMs + 5, offset);
        return sample;
    }

    private static KernelLogEvent Line(long timeMs) => new(Gpu, KernelLogKind.Xid, 31, timeMs, "node-0017", "", "");

    private sealed record Step(int StepMs, int LateMs, double Value, int What);

    // What a store does, without a database.
    private sealed class Pieces
    {
        private const int Slot = 17;
        private readonly List<CheckpointPiece> _pieces = [];
        private long _number;

        public IEnumerable<CheckpointPiece> Of(CheckpointPart part) => _pieces.Where(piece => piece.Part == part);

        public void Write(GpuState state, bool written)
        {
            using var draft = new CheckpointDraft(_number + 1, _number);
            draft.Add(Gpu, Slot, state);
            if (written)
            {
                Take(draft);
            }
        }

        private void Take(CheckpointDraft draft)
        {
            _number = draft.Number;
            _pieces.RemoveAll(piece =>
                piece.Part == CheckpointPart.States
                || piece.Number < (piece.Part == CheckpointPart.Minutes ? draft.MinutesFrom : draft.HoursFrom)
            );
            _pieces.AddRange(draft.Pieces.Select(piece => piece with { Bytes = piece.Bytes.ToArray() }));
        }

        /// <summary>A node that writes, which knows the newest checkpoint from its own last attempt.</summary>
        public sealed class Writer(Pieces database, long? number = null)
        {
            private long _known = number ?? database._number;
            private bool _isForeign;

            /// <summary>Writes a checkpoint, unless another node has written one since.</summary>
            public bool Write(GpuState state)
            {
                using var draft = new CheckpointDraft(_known + 1, _isForeign ? null : _known);
                draft.Add(Gpu, Slot, state);
                if (database._number != _known)
                {
                    (_known, _isForeign) = (database._number, true);
                    return false;
                }

                database.Take(draft);
                (_known, _isForeign) = (draft.Number, false);
                return true;
            }
        }

        public GpuState Read()
        {
            var restore = new CheckpointRestore();
            foreach (var piece in _pieces.OrderBy(piece => piece.Part).ThenBy(piece => piece.Number))
            {
                restore.Take(piece);
            }

            restore.Complete(_number);
            Assert.Empty(restore.Problems);
            return restore.Gpus.Values.SingleOrDefault()?.State ?? new GpuState(Gpu);
        }
    }
}
