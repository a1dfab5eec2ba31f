using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Hosts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Hosts;

public sealed class HostStateTests
{
    private static readonly NvlinkBandwidthRuleSettings Rule = new();
    private readonly HostState _host = new();

    [Fact]
    public void A_gpu_far_below_its_computing_neighbours_is_low_and_then_not_low_any_more()
    {
        for (var gpu = 1; gpu < 8; gpu++)
        {
            Assert.Null(Take(gpu, 10, 90e9, 0.5));
        }

        Assert.Equal(new PeerVerdict(Gpu(0), true, 10e9, 90e9), Take(0, 10, 10e9, 0.5));
        Assert.Equal(new PeerVerdict(Gpu(0), true, 40e9, 90e9), Take(0, 11, 40e9, 0.5));
        Assert.Equal(new PeerVerdict(Gpu(0), false, 80e9, 90e9), Take(0, 11, 80e9, 0.5));
        Assert.Null(Take(0, 11, 80e9, 0.5));
    }

    [Theory]
    [InlineData(0.05, 0.5)] // It does not compute itself.
    [InlineData(0.5, 0.05)] // The others do not.
    [InlineData(double.NaN, 0.5)] // Profiling fields are not published: no fault.
    public void Nothing_is_said_where_not_all_compute(double own, double others)
    {
        for (var gpu = 1; gpu < 8; gpu++)
        {
            _ = Take(gpu, 10, 90e9, others);
        }

        Assert.Null(Take(0, 10, 1e9, own));
    }

    [Fact]
    public void Reports_of_long_ago_are_no_neighbours()
    {
        for (var gpu = 1; gpu < 8; gpu++)
        {
            _ = Take(gpu, 10, 90e9, 0.5);
        }

        Assert.Null(Take(0, 12, 1e9, 0.5));
    }

    [Fact]
    public void A_gpu_reports_with_its_first_sample_and_then_every_minute()
    {
        var gpu = new Gpus.GpuTimeline();
        var reports = new List<(double Second, HostReport Report)>();
        for (var second = 0; second < 150; second++)
        {
            _ = gpu.At(second, (Metric.NvlinkTxBytes, 40e9), (Metric.NvlinkRxBytes, second < 60 ? 50e9 : 30e9), (Metric.TensorActive, 0.5));
            if (gpu.State.Report is { } report)
            {
                reports.Add((second, report));
            }
        }

        Assert.Equal([0, 60, 120], reports.Select(r => r.Second));
        Assert.Equal([double.NaN, 90e9, 70e9], reports.Select(r => r.Report.NvlinkBytesPerSecond));
        Assert.Equal(reports[0].Report.Minute + 1, reports[2].Report.Minute);
    }

    [Fact]
    public void One_slow_neighbour_decides_nothing() =>
        Prop.ForAll(
                Gen.Choose(0, 6).ToArbitrary(),
                slow =>
                {
                    var host = new HostState();
                    for (var gpu = 0; gpu < 8; gpu++)
                    {
                        var verdict = host.Take(new HostReport("n1", Gpu(gpu), 10, gpu == slow ? 1e9 : 90e9, 0.5), Rule);
                        Assert.True(verdict is null || gpu == slow);
                    }
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Theory]
    [InlineData(10_000, 1000, new long[] { 10_002, 9_998 }, "host_absent")] // One page, appended within milliseconds.
    [InlineData(10_000, 1000, new long[] { 10_002, 11_001 }, "host_absent")] // The last page of a collector that has ended came in part.
    [InlineData(10_000, 1000, new long[] { 10_002, 11_600 }, "gpu_lost")] // One has come with later pages.
    [InlineData(10_000, 30_000, new long[] { 24_000 }, "host_absent", 90_000)]
    [InlineData(10_000, 30_000, new long[] { 70_000 }, "gpu_lost", 90_000)]
    [InlineData(10_000, 1000, new long[0], "gpu_absent")]
    [InlineData(10_000, 1000, new long[] { 0 }, "host_absent")]
    public void Who_else_is_absent_says_what_has_failed(
        long lastHeardMs,
        double intervalMs,
        long[] others,
        string cause,
        double limitMs = 3000
    ) =>
        Assert.Equal(
            cause,
            HostState
                .CauseOfAbsence(lastHeardMs, intervalMs, [.. others.Select(other => new LastHeard(other, 0, limitMs))], nowMs: 200_000)
                .Id
        );

    // A collector, or a broker, was away: the host's GPUs come back one after the other.
    [Theory]
    [InlineData(60_000, 60_100, "host_absent")]
    [InlineData(60_000, 62_900, "host_absent")]
    [InlineData(60_000, 63_000, "gpu_lost")]
    public void A_host_that_has_just_come_back_has_not_lost_the_gpu_whose_turn_is_to_come(long sinceMs, long lastMs, string cause) =>
        Assert.Equal(cause, HostState.CauseOfAbsence(10_000, 1000, [new LastHeard(lastMs, sinceMs, 3000)], lastMs).Id);

    // From one scrape every 50 ms to one every 5 s: the neighbour knows it already.
    [Theory]
    [InlineData(14_000, "host_absent")]
    [InlineData(25_000, "gpu_lost")]
    public void A_gpu_whose_neighbour_would_not_be_absent_yet_is_not_lost(long nowMs, string cause) =>
        Assert.Equal(cause, HostState.CauseOfAbsence(10_000, 50, [new LastHeard(nowMs - 1000, 0, 15_000)], nowMs).Id);

    private PeerVerdict? Take(int gpu, long minute, double bytesPerSecond, double tensorActive) =>
        _host.Take(new HostReport("n1", Gpu(gpu), minute, bytesPerSecond, tensorActive), Rule);

    private static GpuId Gpu(int number) => GpuId.Parse($"GPU-{number}");
}
