using System.Buffers;
using System.Text;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Codecs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Tests.Exposition;

/// <summary>The record of a page with workloads, XID counts and MIG instances.</summary>
public sealed class PageRecordTests
{
    private const string MigPage = """
        DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-1",GPU_I_ID="3",GPU_I_PROFILE="1g.10gb",namespace="ml",pod="train-0",container="torch"} 61
        DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1",GPU_I_ID="3",GPU_I_PROFILE="1g.10gb"} 512
        DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-1",GPU_I_ID="3",GPU_I_PROFILE="1g.10gb"} 0.500000
        DCGM_FI_PROF_SM_ACTIVE{gpu="0",UUID="GPU-1",GPU_I_ID="5",GPU_I_PROFILE="1g.10gb"} 0.250000
        DCGM_FI_PROF_SM_ACTIVE{gpu="1",UUID="GPU-2",GPU_I_ID="5",GPU_I_PROFILE="1g.10gb"} 0.750000
        DCGM_EXP_XID_ERRORS_COUNT{gpu="0",UUID="GPU-1",xid="31"} 1
        DCGM_EXP_XID_ERRORS_COUNT{gpu="0",UUID="GPU-1",xid="79"} 2

        """;

    private readonly GpuRegistry _registry = new();

    [Fact]
    public void Workloads_xid_counts_and_mig_instances_are_written_as_members_of_their_own()
    {
        var parser = new ExpositionParser(_registry);
        parser.Parse(Encoding.UTF8.GetBytes(MigPage), Given.NoonMs);

        var record = Encode(parser.Samples[0], parser.MigInstances);

        Assert.Equal(
            """{"v":1,"gpu":"GPU-1","ts":"2026-11-23T12:00:00.000Z","index":0,"ns":"ml","pod":"train-0","container":"torch","m":"""
                + """{"gpu_temp":61},"xids":{"31":1,"79":2},"mig":[{"id":3,"profile":"1g.10gb","m":{"fb_used":512,"sm_active":0.5}}"""
                + """,{"id":5,"profile":"1g.10gb","m":{"sm_active":0.25}}]}""",
            Encoding.UTF8.GetString(record)
        );
    }

    [Fact]
    public void Records_with_xid_counts_and_instances_are_read_and_records_without_them_take_the_fast_path()
    {
        var parser = new ExpositionParser(_registry);
        parser.Parse(Encoding.UTF8.GetBytes(MigPage), Given.NoonMs);
        var decoder = new SampleDecoder(_registry);
        var read = new GpuSample();

        Assert.Equal(RejectReason.None, decoder.Decode(Encode(parser.Samples[0], parser.MigInstances), read));
        Assert.Equal([new XidCount(31, 1), new XidCount(79, 2)], read.XidCounts.ToArray());
        Assert.Equal(new Workload("ml", "train-0", "torch"), read.Info.Workload);
        Assert.False(read.Has(Metric.SmActive));

        // Members after the metrics do not prevent the decoder from caching the header: a record without them takes the fast path at once.
        var quiet = new GpuSample
        {
            Gpu = parser.Samples[0].Gpu,
            Info = parser.Samples[0].Info,
            TimeMs = Given.NoonMs,
            [Metric.GpuTemp] = 62,
        };
        read.Clear();
        Assert.Equal(RejectReason.None, decoder.Decode(Encode(quiet), read));
        Assert.Equal((1, 1), (decoder.FastRecords, decoder.GeneralRecords));
        Assert.Equal(new Workload("ml", "train-0", "torch"), read.Info.Workload);
        Assert.True(read.XidCounts.IsEmpty);
    }

    private static byte[] Encode(GpuSample sample, ReadOnlySpan<MigInstance> instances = default)
    {
        var buffer = new ArrayBufferWriter<byte>();
        SampleEncoder.Write(buffer, sample, instances);
        return buffer.WrittenSpan.ToArray();
    }
}
