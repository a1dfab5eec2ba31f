using System.Globalization;
using GpuActors.Core.Metrics;
using GpuActors.Simulation.Faults;

namespace GpuActors.Simulation.Fleet;

/// <summary>
/// One simulated GPU with the limits of its product, in steps of one second: load determines power, power determines temperature with
/// inertia, heat and power determine throttling, and throttling determines clocks.
/// </summary>
public sealed class SimulatedGpu
{
    // Those that the exporter has fields for.
    private const int MostLinks = 18;

    private static readonly int[] ApplicationXids = [13, 31, 43, 45];

    private readonly double[] _values = new double[MetricCatalog.Count];
    private readonly double[] _linkBytes;
    private DeterministicRandom _random;
    private GpuPhysics _physics;
    private double _energyMillijoules;
    private double _sbe,
        _dbe,
        _replays,
        _remappedRows,
        _powerViolationNs,
        _thermalViolationNs;
    private double _sbeCarry;
    private int _xid;
    private bool _remapPending,
        _remapFailed,
        _sramExceeded;
    private double _nvlinkReplays,
        _nvlinkCrc;
    private long _trainingUntilMs;

    internal SimulatedGpu(int index, int seed, SimulatedHost host, int indexOnHost, GpuProfile profile, GpuProduct product)
    {
        (Product, Driver) = (product, product.Driver);
        _linkBytes = new double[product.Links];
        Index = index;
        Host = host;
        IndexOnHost = indexOnHost;
        Profile = profile;
        var ids = Ids(seed, index);
        Uuid = NextUuid(ref ids);
        PciBusId = $"00000000:{0x1A + (0x11 * indexOnHost):X2}:00.0";
        _random = new DeterministicRandom(ids.Next());
        _energyMillijoules = profile.AgeMonths * 2.6e6 * 300 * 1000;
        _physics = new GpuPhysics(profile.MeanLoad);
        Publish([], 0);
    }

    /// <summary>Index in the fleet, from 0.</summary>
    public int Index { get; }

    /// <summary>Index in its host, from 0.</summary>
    public int IndexOnHost { get; }

    /// <summary>Host of the GPU.</summary>
    public SimulatedHost Host { get; }

    /// <summary>Long-term behaviour.</summary>
    public GpuProfile Profile { get; }

    /// <summary>Limits and fields.</summary>
    public GpuProduct Product { get; }

    /// <summary>Driver version; a reboot may bring another one.</summary>
    public string Driver { get; private set; }

    /// <summary>UUID in NVML's form.</summary>
    public string Uuid { get; }

    /// <summary>PCI bus id in DCGM's form.</summary>
    public string PciBusId { get; }

    /// <summary>
    /// Current values as published by the exporter, indexed by <see cref="Metric"/>; a metric with the value NaN has no row.
    /// </summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The random numbers of a GPU's identity.</summary>
    internal static DeterministicRandom Ids(int seed, int index) => new(((ulong)(uint)seed << 32) | (uint)index);

    /// <summary>A UUID in NVML's form.</summary>
    internal static string NextUuid(ref DeterministicRandom ids)
    {
        ulong high = ids.Next(),
            low = ids.Next();
        return $"GPU-{high >> 32:x8}-{(high >> 16) & 0xffff:x4}-{high & 0xffff:x4}-{low >> 48:x4}-{low & 0xffffffffffff:x12}";
    }

    /// <summary>Advances the simulation by one second.</summary>
    /// <param name="timeMs">Start of the second, in Unix milliseconds.</param>
    /// <param name="faults">The faults of this GPU that are active at this time.</param>
    internal void Tick(long timeMs, IReadOnlyList<Fault> faults)
    {
        var frozen = Find(faults, FaultKind.Frozen) is not null;
        if (frozen)
        {
            return;
        }

        foreach (var fault in faults.Where(f => f.FromMs >= timeMs - 999 && f.FromMs <= timeMs))
        {
            Begin(fault);
        }

        _xid = Find(faults, FaultKind.XidStorm) is null ? _xid : ApplicationXids[(int)(timeMs / 1000 % ApplicationXids.Length)];
        _physics.Step(
            ref _random,
            timeMs,
            Index,
            Profile,
            Product,
            new PhysicalFaults(
                Find(faults, FaultKind.Idle) is not null,
                Find(faults, FaultKind.PowerBrake) is not null,
                Find(faults, FaultKind.HwThermal) is not null,
                Find(faults, FaultKind.SwThermal) is not null
            )
        );
        var (mask, watts) = (_physics.Mask, _physics.Watts);
        _energyMillijoules += watts * 1000;
        CountErrors(faults, timeMs);
        _powerViolationNs += (mask & 0x84) != 0 ? 1e9 : 0;
        _thermalViolationNs += (mask & 0x60) != 0 ? 1e9 : 0;
        for (var link = 0; link < _linkBytes.Length; link++)
        {
            _linkBytes[link] += Math.Floor(_physics.Load * 1.8e9 * (0.9 + (0.1 * _random.NextDouble())));
        }

        Set(Metric.ThrottleReasons, mask);
        Set(Metric.PowerUsage, watts);
        Set(Metric.SmClock, _physics.Clock);
        Publish(faults, timeMs);
    }

    private void Begin(Fault fault)
    {
        switch (fault.Kind)
        {
            case FaultKind.Dbe:
                _dbe++;
                break;
            case FaultKind.Xid:
                _xid = (int)(fault.Value ?? 79);
                break;
            case FaultKind.RemapFailure:
                _remapFailed = true;
                break;
            case FaultKind.SramThreshold:
                _sramExceeded = true;
                break;
            case FaultKind.RowRemap:
                _remappedRows++;
                _remapPending = true;
                break;
            case FaultKind.Reboot:
                _sbe = _dbe = _replays = _powerViolationNs = _thermalViolationNs = _energyMillijoules = _nvlinkReplays = _nvlinkCrc = 0;
                _xid = 0;
                _remapPending = false;
                Driver = fault.Value is { } version ? version.ToString("000.00", CultureInfo.InvariantCulture) : Driver;
                _trainingUntilMs = fault.FromMs + 60_000;
                Array.Clear(_linkBytes);
                break;
        }
    }

    private void CountErrors(IReadOnlyList<Fault> faults, long timeMs)
    {
        var training = timeMs < _trainingUntilMs ? 1 : 0;
        _nvlinkReplays += training + (Find(faults, FaultKind.NvlinkReplays) is { } r ? r.Value ?? 1 : 0);
        _nvlinkCrc += (200 * training) + (Find(faults, FaultKind.NvlinkCrc) is { } crc ? crc.Value ?? 1 : 0);
        _sbeCarry += (Profile.SbePerHour / 3600) + (Find(faults, FaultKind.SbeStorm) is { } storm ? storm.Value ?? 5 : 0);
        var whole = Math.Floor(_sbeCarry);
        _sbe += whole;
        _sbeCarry -= whole;
        _replays += Find(faults, FaultKind.PcieReplays) is { } replays ? replays.Value ?? 10 : 0;
    }

    private void Publish(IReadOnlyList<Fault> faults, long timeMs)
    {
        var busy = _physics.Load * Profile.Degradation;
        Set(Metric.GpuTemp, Math.Round(_physics.Celsius));
        Set(Metric.MemoryTemp, Product.HasMemoryTemperature ? Math.Round(_physics.Celsius + 6 + (4 * _physics.Load)) : double.NaN);
        Set(Metric.GpuTempSlowdown, Product.SlowdownCelsius);
        Set(Metric.GpuTempShutdown, Product.ShutdownCelsius);
        Set(Metric.GpuTempMaxOp, Product.MaxOperatingCelsius);
        Set(Metric.MemoryTempMaxOp, Product.HasMemoryTemperature ? 95 : double.NaN);
        Set(Metric.GpuTempMargin, Product.HasMargin ? Math.Round(Product.MaxOperatingCelsius - _physics.Celsius) : double.NaN);
        Set(Metric.PowerLimit, Product.PowerLimitWatts);
        Set(Metric.EnergyConsumption, Math.Floor(_energyMillijoules));
        Set(Metric.EccSbeVolatile, _sbe);
        Set(Metric.EccDbeVolatile, _dbe);
        Set(Metric.EccSbeAggregate, _sbe + (Profile.AgeMonths * 3));
        Set(Metric.EccDbeAggregate, _dbe);
        Set(Metric.XidErrors, _xid);
        Set(Metric.GpuUtilization, Math.Round(_physics.Load * 100));
        Set(Metric.MemCopyUtilization, Math.Round(_physics.Load * 60));
        Set(Metric.EncUtilization, 0);
        Set(Metric.DecUtilization, 0);
        Set(Metric.MemClock, Product.MemoryClock);
        Set(Metric.FanSpeed, double.NaN); // SXM modules have no fan.
        Set(Metric.PState, 0);
        Set(Metric.PowerViolation, _powerViolationNs);
        Set(Metric.ThermalViolation, _thermalViolationNs);
        Set(Metric.PcieReplayCounter, _replays);
        var narrow = Find(faults, FaultKind.PcieDowntrain) is not null;
        Set(
            Metric.PcieLinkGen,
            _physics.Load < 0.05 ? 1
                : narrow ? Math.Min(3, Product.PcieGeneration)
                : Product.PcieGeneration
        );
        Set(Metric.PcieLinkWidth, narrow ? 8 : 16);
        Set(Metric.RowRemapFailure, IfRemapping(_remapFailed ? 1 : 0));
        Set(Metric.RowRemapPending, IfRemapping(_remapPending ? 1 : 0));
        Set(Metric.CorrectableRemappedRows, IfRemapping(0));
        Set(Metric.UncorrectableRemappedRows, IfRemapping(_remappedRows));
        Set(Metric.GpuRecoveryAction, _remapPending ? 1 : 0);
        var used = Math.Round(Product.MemoryMebibytes * Profile.MemoryShare * Math.Min(1, 0.3 + _physics.Load));
        Set(Metric.FbUsed, used);
        Set(Metric.FbFree, Product.MemoryMebibytes - used);
        Set(Metric.FbTotal, Product.MemoryMebibytes);
        for (var link = 0; link < MostLinks; link++)
        {
            Set(
                link < 12 ? Metric.NvlinkBandwidthL0 + (byte)link : Metric.NvlinkBandwidthL12 + (byte)(link - 12),
                link < Product.Links ? _linkBytes[link] : double.NaN
            );
        }

        Set(Metric.GrEngineActive, busy);
        Set(Metric.SmActive, busy * 0.92);
        Set(Metric.SmOccupancy, busy * 0.4);
        Set(Metric.TensorActive, busy * 0.55);
        Set(Metric.DramActive, busy * 0.5);
        Set(Metric.Fp64Active, 0);
        Set(Metric.Fp32Active, busy * 0.12);
        Set(Metric.Fp16Active, busy * 0.08);
        Set(Metric.PcieTxBytes, Math.Floor(busy * 2.1e9));
        Set(Metric.PcieRxBytes, Math.Floor(busy * 3.4e9));
        Set(Metric.NvlinkTxBytes, IfLinked(Math.Floor(busy * 9e10)));
        Set(Metric.NvlinkRxBytes, IfLinked(Math.Floor(busy * 9e10)));
        PublishRest(used, busy);
        if (timeMs == 0)
        {
            Set(Metric.ThrottleReasons, 0);
            Set(Metric.PowerUsage, Product.IdleWatts);
            Set(Metric.SmClock, Product.MaxClock);
        }

        if (Find(faults, FaultKind.Garbage) is not null)
        {
            Set(Metric.GpuTemp, 82_505);
            Set(Metric.GpuUtilization, 4_294_967_295);
        }

        if (Find(faults, FaultKind.Sentinel) is not null)
        {
            Set(Metric.GpuTemp, 2_147_483_632);
            Set(Metric.EccDbeVolatile, 9_223_372_036_854_775_792);
            Set(Metric.PowerUsage, 140_737_488_355_328);
        }
    }

    private void PublishRest(double usedMebibytes, double busy)
    {
        const double ReservedMebibytes = 551,
            Banks = 2560;
        Set(Metric.PowerUsageInstant, _values[(int)Metric.PowerUsage]);
        Set(Metric.PowerLimitRequested, Product.PowerLimitWatts);
        Set(Metric.PowerLimitDefault, Product.PowerLimitWatts);
        Set(Metric.PowerLimitMax, Product.PowerLimitWatts);
        Set(Metric.FbReserved, ReservedMebibytes);
        Set(Metric.FbUsedRatio, Math.Min(1, usedMebibytes / (Product.MemoryMebibytes - ReservedMebibytes)));
        Set(Metric.PcieMaxLinkGen, Product.PcieGeneration);
        Set(Metric.PcieMaxLinkWidth, 16);
        // A GPU that remaps rows retires no pages: the exporter omits the fields of the other.
        var retired = Product.RemapsRows ? double.NaN : 0;
        Set(Metric.RetiredPagesSbe, retired);
        Set(Metric.RetiredPagesDbe, retired);
        Set(Metric.RetiredPagesPending, retired);
        Set(Metric.SramThresholdExceeded, IfRemapping(_sramExceeded ? 1 : 0));
        Set(Metric.NvlinkReplayErrors, IfLinked(_nvlinkReplays));
        Set(Metric.NvlinkCrcDataErrors, IfLinked(_nvlinkCrc));
        Set(Metric.BankRemapAvailMax, IfRemapping(Banks - _remappedRows));
        Set(Metric.BankRemapAvailHigh, IfRemapping(_remappedRows));
        Set(Metric.EccDramSbeVolatile, _sbe);
        Set(Metric.EccDramDbeVolatile, _dbe);
        Set(Metric.EccDramSbeAggregate, _sbe + (Profile.AgeMonths * 3));
        Set(Metric.EccDramDbeAggregate, _dbe);
        Set(Metric.NvlinkBandwidth, IfLinked(_linkBytes.Sum()));
        Set(Metric.HwThermalTime, _thermalViolationNs);
        Set(Metric.PowerBrakeTime, _powerViolationNs);
        Set(Metric.VideoClock, Math.Floor(_values[(int)Metric.SmClock] * 0.78));
        Set(Metric.MaxSmClock, Product.MaxClock);
        Set(Metric.EccMode, 1);
        Set(Metric.IntActive, busy * 0.1);
        Set(Metric.TensorHmmaActive, busy * 0.55);
    }

    private double IfRemapping(double value) => Product.RemapsRows ? value : double.NaN;

    private double IfLinked(double value) => Product.Links > 0 ? value : double.NaN;

    private void Set(Metric metric, double value) => _values[(int)metric] = value;

    private static Fault? Find(IReadOnlyList<Fault> faults, FaultKind kind)
    {
        foreach (var fault in faults)
        {
            if (fault.Kind == kind)
            {
                return fault;
            }
        }

        return null;
    }
}
