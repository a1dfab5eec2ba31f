using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;
using GpuActors.Testing;

namespace GpuActors.Storage.Tests;

/// <summary>Eight days of a simulated GPU with faults of every kind, a sample a minute.</summary>
internal sealed class FaultyLife
{
    private const int Minutes = 8 * 24 * 60;
    private const int PerBatch = 1000;

    // By hour and minutes of duration.
    private static readonly (FaultKind Kind, double Hour, double Minutes)[] Faults =
    [
        (FaultKind.SwThermal, 20.5, 90),
        (FaultKind.HwThermal, 41, 12),
        (FaultKind.PowerBrake, 55.2, 30),
        (FaultKind.SbeStorm, 60, 7),
        (FaultKind.Dbe, 70.3, 1),
        (FaultKind.RowRemap, 70.4, 1),
        (FaultKind.NvlinkCrc, 80, 20),
        (FaultKind.NvlinkReplays, 81, 20),
        (FaultKind.PcieReplays, 85, 5),
        (FaultKind.ExporterDown, 90.5, 300),
        (FaultKind.Xid, 99, 1),
        (FaultKind.Garbage, 100, 10),
        (FaultKind.Sentinel, 101, 10),
        (FaultKind.SbeStorm, 109.8, 2),
        (FaultKind.ExporterDown, 109.9, 130),
        (FaultKind.Reboot, 120, 1),
        (FaultKind.XidStorm, 130, 15),
        (FaultKind.Frozen, 140, 60),
        (FaultKind.Idle, 150, 100),
        (FaultKind.Vanish, 160, 70),
        (FaultKind.SwThermal, 185, 200),
    ];

    private readonly SimulatedFleet _fleet = new(1, 7, Samples.NoonMs);
    private readonly SampleValidator _validator = new(new ValidationSettings());

    public FaultyLife()
    {
        foreach (var (kind, hour, minutes) in Faults)
        {
            var request = new FaultRequest
            {
                Gpu = "0",
                Kind = kind,
                AtSeconds = hour * 3600,
                DurationSeconds = minutes * 60,
            };
            _ = _fleet.Inject(request, Samples.NoonMs);
        }

        Gpu = new GpuRegistry().Intern(GpuId.Parse(_fleet.Gpus[0].Uuid));
    }

    /// <summary>Features that the faults are to change.</summary>
    public static IEnumerable<string> Affected =>
        [
            "sw_thermal_seconds_7d",
            "hw_thermal_seconds_7d",
            "power_brake_seconds_7d",
            "ecc_sbe_rate",
            "ecc_dbe_7d",
            "nvlink_replays_7d",
            "memory_xids_7d",
            "interconnect_xids_7d",
            "application_xids_7d",
            "gap_fraction",
        ];

    public GpuIdentity Gpu { get; }

    /// <summary>
    /// What the kernel log says, which is not in the table of samples: in order of time, one of them while nothing is heard.
    /// </summary>
    public IReadOnlyList<KernelLogEvent> Lines =>
        [
            .. new (double Hour, int Code)[] { (70.31, 48), (70.32, 63), (80.1, 74), (92, 94), (130.05, 31), (171, 119) }.Select(
                line => new KernelLogEvent(
                    Gpu.Id,
                    KernelLogKind.Xid,
                    line.Code,
                    Samples.NoonMs + (long)(line.Hour * Durations.HourMs),
                    "node1",
                    "",
                    ""
                )
            ),
        ];

    /// <summary>The valid samples as a consumer brings them. A batch is to be used before the next one is asked for.</summary>
    public IEnumerable<SampleBatch> Batches()
    {
        var batch = new SampleBatch();
        batch.Reset(0);
        for (var minute = 1; minute <= Minutes; minute++)
        {
            // Not on the full second, so that hours do not begin with a sample.
            var now = Samples.NoonMs + (minute * Durations.MinuteMs) + 417;
            _ = _fleet.Read(now, null, shown => Add(batch, shown, now, minute));
            if (batch.Count == PerBatch || (minute == Minutes && batch.Count > 0))
            {
                yield return batch;
                batch.Reset(0);
            }
        }
    }

    private void Add(SampleBatch batch, IReadOnlyList<SimulatedGpu> shown, long now, int minute)
    {
        foreach (var gpu in shown)
        {
            var sample = batch.Next();
            (sample.Gpu, sample.TimeMs, sample.AppendTimeMs, sample.Offset) = (Gpu, now, now + 20, minute);
            sample.Info = new GpuInfo(gpu.Host.Name, gpu.IndexOnHost, gpu.PciBusId, gpu.Product.Model, gpu.Driver);
            foreach (var metric in MetricCatalog.All)
            {
                // With the digits that an exporter writes.
                sample[metric.Metric] = Math.Round(gpu.Values[(int)metric.Metric], metric.IsInteger ? 0 : 6);
            }

            if (_validator.Validate(sample, now) == RejectReason.None)
            {
                batch.Accept(minute);
            }
        }
    }
}
