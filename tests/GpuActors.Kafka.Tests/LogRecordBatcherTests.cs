using GpuActors.Core.Logs;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Kafka.Batching;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Kafka.Tests;

public sealed class LogRecordBatcherTests
{
    private const long NowMs = Given.NoonMs;
    private readonly LogRecordBatcher _batcher = new(new ValidationSettings());

    [Fact]
    public void Lines_and_rejects_of_a_partition_are_one_batch_in_offset_order()
    {
        Add(3, 10, Line(NowMs));
        Add(4, 7, Line(NowMs));
        Add(3, 11, "{"u8);
        Add(3, 12, Line(NowMs));
        Add(3, 13, default);

        var batch = _batcher.Cut(3);

        Assert.Equal((3, 10, 14), (batch.Partition, batch.FirstOffset, batch.NextOffset));
        Assert.Equal([(10, NowMs), (12, NowMs)], batch.Lines.Select(l => (l.Offset, l.AppendTimeMs)));
        Assert.Equal([(11, RejectReason.MalformedJson), (13, RejectReason.EmptyValue)], batch.Rejected.Select(r => (r.Offset, r.Reason)));
        Assert.Equal("GPU-1"u8.ToArray(), batch.Rejected[0].Key);
        Assert.Equal("{"u8.ToArray(), batch.Rejected[0].Value);
        Assert.Throws<InvalidOperationException>(() => _batcher.Cut(3));
        _batcher.Discard(4);
        Assert.Throws<InvalidOperationException>(() => _batcher.Cut(4));
    }

    [Theory]
    [InlineData(5 * Durations.MinuteMs, RejectReason.None)]
    [InlineData((5 * Durations.MinuteMs) + 1, RejectReason.TimeInFuture)]
    [InlineData(-7 * Durations.DayMs, RejectReason.None)]
    [InlineData((-7 * Durations.DayMs) - 1, RejectReason.TimeTooOld)]
    public void A_lines_time_is_held_against_the_brokers_clock(long aheadMs, RejectReason reason)
    {
        Add(0, 0, Line(NowMs + aheadMs));

        var batch = _batcher.Cut(0);

        Assert.Equal(reason == RejectReason.None ? 1 : 0, batch.Lines.Count);
        Assert.Equal(reason, batch.Rejected.Select(r => r.Reason).SingleOrDefault());
    }

    [Theory]
    [InlineData(long.MinValue, RejectReason.TimeInFuture)]
    [InlineData(long.MaxValue, RejectReason.TimeTooOld)]
    public void A_record_time_that_no_clock_has_is_borne(long timestampMs, RejectReason reason)
    {
        Add(0, 0, Line(NowMs), timestampMs);

        Assert.Equal(reason, Assert.Single(_batcher.Cut(0).Rejected).Reason);
    }

    [Fact]
    public void A_value_over_the_limit_is_refused_unread()
    {
        Add(0, 0, new byte[(1024 * 1024) + 1]);

        Assert.Equal(RejectReason.ValueTooLarge, Assert.Single(_batcher.Cut(0).Rejected).Reason);
    }

    private static byte[] Line(long timeMs) =>
        KernelLogCodec.Encode(new KernelLogEvent(GpuId.Parse("GPU-1"), KernelLogKind.Xid, 79, timeMs, "n1", "00000000:b3:00.0", "NVRM: …"));

    private void Add(int partition, long offset, ReadOnlySpan<byte> value, long timestampMs = NowMs)
    {
        _batcher.Read(new RecordView("GPU-1"u8, true, value, true));
        _batcher.Add(partition, offset, timestampMs);
    }
}
