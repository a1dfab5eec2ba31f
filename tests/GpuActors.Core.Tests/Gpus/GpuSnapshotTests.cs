using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Gpus;

/// <summary>Checkpoints outlive the version that wrote them: what it has kept of a GPU, the next one reads.</summary>
public sealed class GpuSnapshotTests
{
    private static readonly GpuId Gpu = GpuId.Parse(Given.Gpu);

    [Fact]
    public void No_form_changes_without_a_new_version() => Open().AssertWrittenAlike(Today());

    [Fact]
    public void The_version_that_is_written_has_its_bytes() => Open().AssertHas(Today().Select(line => line.Key));

    // What only earlier versions wrote gets a test of its own that says what it means today.
    [Fact]
    public void Every_version_that_was_ever_kept_is_read() =>
        Assert.All(Open().Lines, line => Assert.Equal(Life().State.Samples, Load(line.Bytes).Samples));

    [Fact]
    public void A_state_that_was_kept_goes_on_as_one_that_never_stopped()
    {
        var undisturbed = Life();
        var kept = Life();
        kept.State = Load(Open().Lines.Single(line => line.Key == Today().Single().Key).Bytes);
        foreach (var gpu in new[] { undisturbed, kept })
        {
            gpu.Transitions.Clear();
            gpu.Look(7325);
            _ = gpu.At(7400, Values(5000, Metric.PowerUsage, 300));
        }

        Assert.NotEmpty(undisturbed.Story);
        Assert.Equal(undisturbed.Story, kept.Story);
        Assert.Equivalent(undisturbed.State.Status(undisturbed.Rules), kept.State.Status(kept.Rules), strict: true);
        Assert.Equal(undisturbed.State.Save(), kept.State.Save());
    }

    private static GoldenFile Open() => GoldenFile.Open("tests/GpuActors.Core.Tests/Gpus/GpuSnapshots.txt", Today());

    private static IReadOnlyList<(string Key, string Bytes)> Today() =>
        Life().State.Save() is var bytes ? [($"version {bytes[0]}", Convert.ToHexString(bytes))] : [];

    private static GpuState Load(string hex) => GpuState.Load(Gpu, Convert.FromHexString(hex));

    // Something in every part: two hours of windows, alerts open and over, XIDs from all three sources, retired pages, links, and an
    // exporter that is down.
    private static GpuTimeline Life()
    {
        var gpu = new GpuTimeline();
        for (var step = 0; step < 24; step++)
        {
            _ = gpu.At(
                step * 300,
                Values(
                    step,
                    Metric.ThrottleReasons,
                    step is 2 or 3 or 4 ? 0x84
                        : step == 23 ? 0x20
                        : 0
                )
            );
        }

        _ = gpu.At(7201, Values(24, Metric.ThrottleReasons, 0x84));
        _ = gpu.At(7202, Values(25, Metric.ThrottleReasons, 0x84));
        _ = gpu.At(7203, sample => sample.AddXidCount(new XidCount(94, 1)), Values(26, Metric.XidErrors, 48));
        _ = gpu.At(7204, sample => sample.AddXidCount(new XidCount(94, 2)), Values(27, Metric.RetiredPagesDbe, 3));
        gpu.Log(7205, KernelLogKind.Xid, 79);
        gpu.Log(7206, KernelLogKind.ExporterDown, 0);
        return gpu;
    }

    private static (Metric Metric, double Value)[] Values(int step, Metric special, double value) =>
        [
            (Metric.GpuTemp, 60 + (step % 3)),
            (Metric.PowerUsage, 305.5),
            (Metric.EccSbeVolatile, step),
            (Metric.EccDbeVolatile, step < 20 ? 0 : 1),
            (Metric.RetiredPagesDbe, 2),
            (Metric.EnergyConsumption, 1e6 + step),
            (Metric.XidErrors, 0),
            (Metric.NvlinkTxBytes, 1e9),
            (Metric.NvlinkRxBytes, 2e9),
            (Metric.TensorActive, 0.5),
            (special, value),
        ];
}
