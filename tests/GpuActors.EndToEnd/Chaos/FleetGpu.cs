using System.Globalization;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// One GPU of the load: busy and healthy, so that rules fire for injected faults only. Its values vary from sample to sample and depend on
/// the GPU and the tick only, so that the last bits of windows show if samples were added twice or in another order.
/// </summary>
internal sealed class FleetGpu
{
    private const int GpusOfHost = 8;
    private const double PowerBrake = 0x80;

    private readonly int _number;

    public FleetGpu(int number, GpuRegistry registry, int partitions)
    {
        _number = number;
        Id = string.Create(CultureInfo.InvariantCulture, $"GPU-{number:x8}-c4a0-4000-8000-{(number * 2654435761L) & 0xffffffffffff:x12}");
        Identity = registry.Intern(GpuId.Parse(Id));
        Key = Identity.Utf8.ToArray();
        Partition = Murmur2.Partition(Key, partitions);
        Info = new GpuInfo(
            $"chaos-n{number / GpusOfHost:000}",
            number % GpusOfHost,
            $"00000000:{0x18 + (number % GpusOfHost):x2}:00.0",
            "NVIDIA H100 80GB HBM3",
            "550.127.08"
        );
    }

    public string Id { get; }

    public GpuIdentity Identity { get; }

    public byte[] Key { get; }

    /// <summary>Partition of the GPU's records, which is also its shard.</summary>
    public int Partition { get; }

    public GpuInfo Info { get; }

    /// <summary>Overwrites <paramref name="sample"/> with the sample of one tick.</summary>
    public void Fill(GpuSample sample, long tick, long timeMs, bool brakes)
    {
        sample.Clear();
        sample.Gpu = Identity;
        sample.Info = Info;
        sample.TimeMs = timeMs;
        FillCore(sample, tick, brakes);
        FillMemory(sample, tick);
        FillTraffic(sample, tick);
    }

    private void FillCore(GpuSample sample, long tick, bool brakes)
    {
        sample[Metric.GpuTemp] = 55 + Whole(Metric.GpuTemp, tick, 4);
        sample[Metric.GpuTempSlowdown] = 92;
        sample[Metric.GpuTempShutdown] = 95;
        sample[Metric.GpuTempMaxOp] = 90;
        sample[Metric.GpuTempMargin] = 30;
        sample[Metric.PowerUsage] = Near(Metric.PowerUsage, tick, 410, 12);
        sample[Metric.PowerLimit] = 700;
        sample[Metric.EnergyConsumption] = (1_000_000L * (_number + 1)) + (410_000 * tick); // Millijoules at about 410 W.
        sample[Metric.ThrottleReasons] = brakes ? PowerBrake : 0;
        sample[Metric.XidErrors] = 0;
        sample[Metric.GpuUtilization] = 95 + Whole(Metric.GpuUtilization, tick, 4);
        sample[Metric.MemCopyUtilization] = 60 + Whole(Metric.MemCopyUtilization, tick, 9);
        sample[Metric.SmClock] = 1965 + (15 * Whole(Metric.SmClock, tick, 2));
        sample[Metric.MemClock] = 2619;
        sample[Metric.PState] = 0;
        sample[Metric.PowerViolation] = sample[Metric.ThermalViolation] = 0;
        sample[Metric.GpuRecoveryAction] = 0;
    }

    private void FillMemory(GpuSample sample, long tick)
    {
        sample[Metric.MemoryTemp] = 62 + Whole(Metric.MemoryTemp, tick, 4);
        sample[Metric.MemoryTempMaxOp] = 95;
        sample[Metric.EccSbeVolatile] = 3;
        sample[Metric.EccSbeAggregate] = 40;
        sample[Metric.EccDbeVolatile] = sample[Metric.EccDbeAggregate] = 0;
        sample[Metric.RowRemapFailure] = sample[Metric.RowRemapPending] = 0;
        sample[Metric.CorrectableRemappedRows] = sample[Metric.UncorrectableRemappedRows] = 0;
        sample[Metric.FbTotal] = 81_559;
        sample[Metric.FbUsed] = 70_000 + Whole(Metric.FbUsed, tick, 512);
        sample[Metric.FbFree] = 81_559 - sample[Metric.FbUsed];
    }

    private void FillTraffic(GpuSample sample, long tick)
    {
        sample[Metric.PcieReplayCounter] = 0;
        sample[Metric.PcieLinkGen] = 5;
        sample[Metric.PcieLinkWidth] = 16;
        for (var link = Metric.NvlinkBandwidthL0; link <= Metric.NvlinkBandwidthL11; link++)
        {
            sample[link] = 1_500_000_000L * (tick + 1);
        }

        for (var ratio = Metric.GrEngineActive; ratio <= Metric.Fp16Active; ratio++)
        {
            sample[ratio] = Near(ratio, tick, 0.6, 0.05);
        }

        sample[Metric.PcieTxBytes] = 2_000_000_000L + Whole(Metric.PcieTxBytes, tick, 10_000_000);
        sample[Metric.PcieRxBytes] = 2_100_000_000L + Whole(Metric.PcieRxBytes, tick, 10_000_000);
        sample[Metric.NvlinkTxBytes] = 18_000_000_000L + Whole(Metric.NvlinkTxBytes, tick, 10_000_000);
        sample[Metric.NvlinkRxBytes] = 18_000_000_000L + Whole(Metric.NvlinkRxBytes, tick, 10_000_000);
    }

    // Rounds to the digits that an exporter writes.
    private double Near(Metric metric, long tick, double middle, double spread) =>
        Math.Round(middle + (spread * ((2 * Noise(metric, tick)) - 1)), 6);

    private long Whole(Metric metric, long tick, int most) => (long)(Noise(metric, tick) * (most + 1));

    // A number from 0 (inclusive) to 1 (exclusive): splitmix64 of the arguments.
    private double Noise(Metric metric, long tick)
    {
        var x = ((ulong)_number << 40) ^ ((ulong)metric << 32) ^ (ulong)tick;
        x += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return ((x ^ (x >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
