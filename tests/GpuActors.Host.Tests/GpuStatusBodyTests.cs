using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Xids;
using GpuActors.Host.Http;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class GpuStatusBodyTests
{
    [Fact]
    public void The_ledger_is_shown_and_what_the_last_sample_lacked_is_null()
    {
        var status = new GpuStatus(
            GpuId.Parse("GPU-1"),
            GpuInfo.Unknown,
            GpuHealth.Critical,
            5000,
            7,
            new Dictionary<string, double> { ["gpu_temp"] = 61 },
            []
        )
        {
            Xids = [new XidRecord(79, 3, 1000, 4000, XidSource.KernelLog)],
        };

        var body = GpuStatusBody.Of(status);

        Assert.Equal((61, null, "critical"), (body.Temperature, body.PowerUsage, body.Status));
        var xid = Assert.Single(body.Xids);
        Assert.Equal((79, 3L, "kernel-log"), (xid.Code, xid.Count, xid.Source));
        Assert.Equal((1L, 4L), (xid.First.ToUnixTimeSeconds(), xid.Last.ToUnixTimeSeconds()));
    }
}
