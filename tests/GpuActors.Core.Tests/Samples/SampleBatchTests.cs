using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Samples;

public sealed class SampleBatchTests
{
    [Fact]
    public void A_reused_batch_returns_the_same_sample_objects_cleared()
    {
        var batch = new SampleBatch();
        batch.Reset(3);
        var first = batch.Next();
        first[Metric.GpuTemp] = 61;
        batch.Accept(41);
        batch.Reset(4);

        Assert.Equal((4, -1L, -1L, 0), (batch.Partition, batch.FirstOffset, batch.NextOffset, batch.Count));
        Assert.Same(first, batch.Next());
        Assert.False(first.Has(Metric.GpuTemp));
        Assert.Null(first.Get(Metric.GpuTemp));
    }

    [Fact]
    public void Samples_and_rejected_records_both_move_the_offset()
    {
        var batch = new SampleBatch();
        batch.Reset(0);
        batch.Reject(new RejectedRecord(0, 7, null, null, RejectReason.EmptyValue, ""));
        var decoded = new GpuSample { TimeMs = 5 };
        var free = batch.Exchange(decoded, 8);

        Assert.NotSame(decoded, free);
        Assert.Same(decoded, batch.Samples[0]);
        Assert.Equal((7L, 9L, 1, 2), (batch.FirstOffset, batch.NextOffset, batch.Count, batch.RecordCount));
    }

    [Fact]
    public void A_batch_grows_and_keeps_the_order()
    {
        var batch = new SampleBatch();
        batch.Reset(0);
        for (var i = 0; i < 1000; i++)
        {
            batch.Next().Offset = i;
            batch.Accept(i);
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), batch.Samples.ToArray().Select(s => s.Offset));
    }
}
