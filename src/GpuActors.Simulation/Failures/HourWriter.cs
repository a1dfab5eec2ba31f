using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>
/// Writes the hours of one life. An hour is a function of the life and its number: gauges are drawn from the library by a stream of the
/// hour's own, and counters add up what the disturbed hours before it have added, whichever range is asked for.
/// </summary>
internal sealed class HourWriter
{
    private const int SecondsPerHour = 3600;
    private const double HoursPerYear = 8766;
    private const int HoursPerIdleBlock = 6;

    private readonly GpuLife _life;
    private readonly LifeSettings _settings;
    private readonly LifeHours _into;
    private readonly HourLibrary _library;
    private readonly int _profile;
    private readonly bool _reportsLinks;
    private readonly List<(int From, int To)> _disturbed;
    private readonly List<double> _resets;
    private readonly List<HourSpan> _brakes;
    private readonly double _bornHour;
    private readonly int _bornErrors;

    private HourCounters _counters;
    private (HourCounters Counters, double LastReset) _frozen;
    private int _nextMemory;
    private int _nextReset;
    private double _lastReset;
    private int _idleBlock = -1;
    private bool _isIdle;
    private int _day = -1;
    private float _air;

    public HourWriter(LifeSimulator simulator, GpuLife life, LifeHours into)
    {
        (_settings, _life, _into) = (simulator.Settings, life, into);
        _library = HourLibrary.Of(life.Product);
        _profile = Math.Max(0, GpuProfile.All.ToList().IndexOf(life.Profile));
        _reportsLinks = life.Product.Links > 0;
        _brakes =
        [
            .. life.Incidents.PowerBrakes.Where(
                (_, i) => new DeterministicRandom(life.HourSeed ^ ~(ulong)i).NextDouble() < _settings.Failures.Site.PowerBrakeShare
            ),
        ];
        _resets =
        [
            .. life
                .Incidents.Reboots.Select(reboot => reboot.To)
                .Concat(life.Absences.Select(absence => absence.To))
                .Where(hour => hour > life.InstalledHour)
                .Order(),
        ];
        // As in the simulation in seconds, which knows three corrected errors per month before its start.
        _bornHour = _lastReset = Math.Max(0, life.InstalledHour);
        _bornErrors = (int)(3 * Math.Max(0, -life.InstalledHour) / 730);
        _disturbed = Disturbed();
    }

    public void Write(int fromHour, int toHour)
    {
        _into.Prepare(fromHour, toHour - fromHour);
        var first = (int)Math.Floor(Math.Max(0, _life.InstalledHour));
        var end = (int)Math.Ceiling(Math.Min(_life.RemovedHour, _settings.Hours));
        if (toHour <= first || fromHour >= end)
        {
            Absent(fromHour, toHour);
            return;
        }

        Absent(fromHour, Math.Max(fromHour, first));
        Apply(first);
        var next = 0;
        for (var hour = first; hour < Math.Min(end, toHour); )
        {
            while (next < _disturbed.Count && _disturbed[next].To <= hour)
            {
                next++;
            }

            if (next < _disturbed.Count && _disturbed[next].From <= hour)
            {
                WriteDisturbed(hour, hour >= fromHour);
                hour++;
            }
            else
            {
                var until = Math.Min(Math.Min(end, toHour), next < _disturbed.Count ? _disturbed[next].From : int.MaxValue);
                WriteUndisturbed(Math.Max(hour, fromHour), until);
                hour = until;
            }
        }

        Absent(Math.Min(Math.Max(end, fromHour), toHour), toHour);
    }

    // The hours in which something happens to the GPU, merged and in order.
    private List<(int From, int To)> Disturbed()
    {
        var spans = _life
            .Courses.Select(course => new HourSpan(course.StageHours[0], course.ShownUntil))
            .Concat(_life.Absences)
            .Concat(_life.Incidents.Reboots)
            .Concat(_life.Incidents.Outages)
            .Concat(_life.Incidents.Freezes)
            .Concat(_life.Incidents.HotAir)
            .Concat(_brakes)
            .Concat(_life.MemoryEvents.Select(memory => new HourSpan(memory.Hour, memory.Hour)))
            .Append(new HourSpan(_life.InstalledHour, _life.InstalledHour))
            .Append(new HourSpan(_life.RemovedHour, _life.RemovedHour))
            .Where(span => span.From < _settings.Hours && span.To >= 0)
            .Select(span => (From: (int)Math.Floor(span.From), To: (int)Math.Floor(Math.Min(span.To, _settings.Hours)) + 1))
            .Order();
        var merged = new List<(int From, int To)>();
        foreach (var span in spans)
        {
            if (merged.Count > 0 && span.From <= merged[^1].To)
            {
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].To, span.To));
            }
            else
            {
                merged.Add(span);
            }
        }

        return merged;
    }

    // Applies what happened to the memory, and the driver loads, up to the end of the hour before.
    private void Apply(double untilHour)
    {
        while (true)
        {
            var memory = _nextMemory < _life.MemoryEvents.Count ? _life.MemoryEvents[_nextMemory].Hour : double.PositiveInfinity;
            var reset = _nextReset < _resets.Count ? _resets[_nextReset] : double.PositiveInfinity;
            if (Math.Min(memory, reset) >= untilHour)
            {
                return;
            }

            if (memory <= reset)
            {
                _counters.Add(_life.MemoryEvents[_nextMemory++], _life.Product.RemapsRows);
            }
            else
            {
                _nextReset++;
                _lastReset = reset;
                _counters.Reset();
                if (reset >= 0 && _reportsLinks)
                {
                    // The links train for a minute, with as many errors as in the simulation in seconds.
                    _counters.NvlinkCrc += 200 * 60;
                    _counters.NvlinkReplays += 60;
                }
            }
        }
    }

    private void WriteUndisturbed(int from, int to)
    {
        var conditions = HourConditions.Undisturbed;
        for (var hour = from; hour < to; hour++)
        {
            WriteGauges(hour, hour, conditions);
        }

        if (from < to)
        {
            WriteCounters(from, to, from);
        }
    }

    private void WriteDisturbed(int hour, bool isWanted)
    {
        var random = Random(hour, 1);
        var frozenSince = FrozenSince(hour);
        var conditions = Conditions(hour, ref random);
        Apply(hour + 1);
        _counters.Add(conditions);
        if (_life.Incidents.Freezes.Any(freeze => freeze.From >= hour && freeze.From < hour + 1))
        {
            _frozen = (_counters, _lastReset);
        }

        if (!isWanted)
        {
            return;
        }

        if (conditions.Present * SecondsPerHour < 1)
        {
            Absent(hour, hour + 1);
            return;
        }

        if (frozenSince >= 0 && frozenSince < hour)
        {
            WriteFrozen(hour, frozenSince, conditions);
            return;
        }

        WriteGauges(hour, hour, conditions);
        WriteCounters(hour, hour + 1, hour);
    }

    // The hour in which a freeze began that covers all of this one; -1 if there is none.
    private int FrozenSince(int hour)
    {
        foreach (var freeze in _life.Incidents.Freezes)
        {
            if (freeze.From < hour && freeze.To >= hour + 1 && Math.Floor(freeze.From) >= Math.Max(0, _life.InstalledHour))
            {
                return (int)Math.Floor(freeze.From);
            }
        }

        return -1;
    }

    private HourConditions Conditions(int hour, ref DeterministicRandom random)
    {
        var conditions = HourConditions.Undisturbed;
        var absent =
            ShareOf(_life.Absences, hour)
            + ShareOf(_life.Incidents.Reboots, hour)
            + ShareOf(_life.Incidents.Outages, hour)
            + new HourSpan(double.NegativeInfinity, _life.InstalledHour).ShareOf(hour)
            + new HourSpan(_life.RemovedHour, double.PositiveInfinity).ShareOf(hour);
        conditions.Present = (float)Math.Clamp(1 - absent, 0, 1);
        conditions.Air = (float)(_settings.Failures.Site.HotAirCelsius * ShareOf(_life.Incidents.HotAir, hour));
        conditions.BrakeSeconds = (float)(SecondsPerHour * ShareOf(_brakes, hour));
        foreach (var course in _life.Courses)
        {
            if (course.StageHours[0] < hour + 1 && course.ShownUntil > hour)
            {
                Show(course.Mode.Mode, course.SeverityAt(hour + 0.5), ref conditions, ref random);
            }
        }

        return conditions;
    }

    private void Show(FailureMode mode, double severity, ref HourConditions conditions, ref DeterministicRandom random)
    {
        var signatures = _settings.Failures.Signatures;
        var square = severity * severity;
        switch (mode)
        {
            case FailureMode.MemoryGradual:
                conditions.Sbe += random.NextPoisson(signatures.MemorySbePerHour * severity * Math.Sqrt(severity));
                break;
            case FailureMode.ThermalInterface:
                conditions.Resistance *= (float)(1 + (signatures.ThermalResistanceRise * severity));
                break;
            case FailureMode.NvlinkDecay:
                conditions.NvlinkCrc += random.NextPoisson(signatures.NvlinkCrcPerHour * square);
                conditions.NvlinkReplays += random.NextPoisson(signatures.NvlinkReplaysPerHour * square);
                conditions.NvlinkRecoveries += random.NextPoisson(signatures.NvlinkRecoveriesPerHour * square * severity);
                break;
            case FailureMode.PcieDecay:
                conditions.PcieReplays += random.NextPoisson(signatures.PcieReplaysPerHour * square);
                break;
            case FailureMode.PowerStage:
                conditions.PowerDeviation += (float)(signatures.PowerStageWatts * severity);
                conditions.BrakeSeconds += random.NextPoisson(signatures.PowerStageBrakeSeconds * square);
                break;
            case FailureMode.Aging:
                conditions.Clock *= (float)(1 - (signatures.AgingClockLoss * severity));
                conditions.Power *= (float)(1 + (signatures.AgingPowerRise * severity));
                conditions.Sbe += random.NextPoisson(signatures.AgingSbePerHour * severity);
                break;
        }
    }

    private static double ShareOf(IReadOnlyList<HourSpan> spans, int hour)
    {
        var share = 0.0;
        foreach (var span in spans)
        {
            share += span.ShareOf(hour);
        }

        return Math.Min(1, share);
    }

    private DeterministicRandom Random(int hour, ulong part) =>
        new(_life.HourSeed ^ (((ulong)hour + 1) * 0xD6E8FEB86659FD93UL) ^ (part << 62));

    private ref readonly HourPattern Pattern(int hour, ulong draw)
    {
        var block = hour / HoursPerIdleBlock;
        if (block != _idleBlock)
        {
            _idleBlock = block;
            var host = _life.Slot - _life.IndexOnHost;
            _isIdle = Draws.Stream(_settings.Seed, StreamOf.IdleBlocks, host, block).NextDouble() < _settings.Failures.Site.IdleShare;
        }

        if (_isIdle)
        {
            return ref _library.Idle(_profile, draw);
        }

        return ref _library.Busy(_profile, (int)((hour + (_settings.StartMs / 3_600_000)) % 24), draw);
    }

    // Rise of the temperature of the air at the GPU's height on a day.
    private float Air(int hour)
    {
        if (hour / 24 != _day)
        {
            _day = hour / 24;
            var site = _settings.Failures.Site;
            var phase = 2 * Math.PI * ((_settings.StartMs / 3_600_000) + (_day * 24)) / HoursPerYear;
            _air = (float)((site.InletGradientCelsius * _life.Height) - (site.SeasonCelsius * Math.Cos(phase)));
        }

        return _air;
    }

    private void WriteGauges(int hour, int patternHour, in HourConditions conditions)
    {
        var product = _life.Product;
        var draws = Random(patternHour, 0);
        ref readonly var pattern = ref Pattern(patternHour, draws.Next() >> 8);
        var i = hour - _into.FirstHour;
        var samples = MathF.Round(SecondsPerHour * conditions.Present);
        samples -= draws.NextDouble() < samples * _settings.Failures.Site.BadSampleShare ? 1 : 0;
        Set(HourColumn.Samples, i, samples);

        var brake = conditions.BrakeSeconds / SecondsPerHour;
        var watts = Watts(pattern.Watts, conditions, brake);
        Set(HourColumn.PowerMean, i, watts);

        // Heat follows power; the brake and other power change both.
        var idle = (float)GpuPhysics.Ambient;
        var resistance =
            conditions.Resistance
            * (float)_life.ThermalResistance
            * (brake > 0 || conditions.Power > 1 ? (watts.Mean - 20) / Math.Max(1, pattern.Watts.Mean - 20) : 1);
        var air = idle + Air(patternHour) + conditions.Air;
        var celsius = Scale(pattern.Celsius, idle, resistance, air);
        var (sw, hw) = (Over((float)product.MaxOperatingCelsius, celsius), Over((float)product.SlowdownCelsius, celsius));
        // The slowdown keeps the temperature near its limit.
        var limit = (float)product.SlowdownCelsius + 2;
        celsius = celsius with
        {
            Mean = Math.Min(celsius.Mean, limit),
            Max = Math.Min(celsius.Max, limit),
            Min = Math.Min(celsius.Min, limit),
        };
        SetRounded(HourColumn.GpuTempMean, i, celsius, isReported: true);
        SetRounded(
            HourColumn.MemoryTempMean,
            i,
            new HourStatistics(
                celsius.Mean + pattern.MemoryCelsius.Mean - pattern.Celsius.Mean,
                celsius.Deviation * pattern.MemoryCelsius.Deviation / Math.Max(0.01f, pattern.Celsius.Deviation),
                celsius.Min + pattern.MemoryCelsius.Min - pattern.Celsius.Min,
                celsius.Max + pattern.MemoryCelsius.Max - pattern.Celsius.Max
            ),
            product.HasMemoryTemperature
        );
        var most = (float)product.MaxOperatingCelsius;
        Set(HourColumn.MarginMean, i, product.HasMargin ? most - celsius.Mean : float.NaN);
        Set(HourColumn.MarginMin, i, product.HasMargin ? MathF.Round(most - celsius.Max) : float.NaN);

        Set(HourColumn.UtilizationMean, i, pattern.Utilization);
        var activity = 0.92f * (float)_life.Profile.Degradation * conditions.Clock;
        Set(HourColumn.SmActiveMean, i, Scale(pattern.Load, 0, activity, 0));
        var slow = (1 - (0.2f * (sw - hw))) * (1 - (0.5f * hw)) * (1 - (0.5f * brake)) * conditions.Clock;
        Set(
            HourColumn.SmClockMean,
            i,
            slow == 1
                ? pattern.Clock
                : new HourStatistics(
                    pattern.Clock.Mean * slow,
                    MathF.Sqrt((pattern.Clock.Deviation * pattern.Clock.Deviation) + Mixed(pattern.Clock.Max * 0.5f, Math.Max(brake, hw))),
                    Step(
                        pattern.Clock.Min
                            * conditions.Clock
                            * (
                                brake > 0 || hw > 0 ? 0.5f
                                : sw > 0 ? 0.8f
                                : 1
                            )
                    ),
                    Step(pattern.Clock.Max * conditions.Clock * (brake >= 1 ? 0.5f : 1))
                )
        );
        Set(HourColumn.IdleSeconds, i, pattern.IdleSeconds * conditions.Present);
        Set(HourColumn.PowerCapSeconds, i, pattern.PowerCapSeconds * conditions.Present);
        Set(HourColumn.SwThermalSeconds, i, MathF.Round(sw * samples));
        Set(HourColumn.HwThermalSeconds, i, MathF.Round(hw * samples));
        Set(HourColumn.PowerBrakeSeconds, i, MathF.Min(samples, MathF.Round(brake * SecondsPerHour)));
    }

    private HourStatistics Watts(in HourStatistics healthy, in HourConditions conditions, float brake)
    {
        if (brake == 0 && conditions.Power == 1 && conditions.PowerDeviation == 0)
        {
            return healthy;
        }

        var (idle, limit) = ((float)_life.Product.IdleWatts, (float)_life.Product.PowerLimitWatts + 5);
        var scaled = Scale(healthy, idle, conditions.Power, idle);
        var drop = (scaled.Mean - idle) * 0.5f;
        var more = conditions.PowerDeviation;
        return new(
            Math.Min(limit, scaled.Mean - (drop * brake)),
            MathF.Sqrt((scaled.Deviation * scaled.Deviation) + (more * more) + Mixed(drop, brake)),
            Math.Max(60, (brake > 0 ? idle + ((scaled.Min - idle) * 0.5f) : scaled.Min) - (2 * more)),
            Math.Clamp((brake >= 1 ? idle + ((scaled.Max - idle) * 0.5f) : scaled.Max) + (2 * more), 60, limit)
        );
    }

    // Variance of a step of the given height that lasts for a share of the hour.
    private static float Mixed(float height, float share) => height * height * share * (1 - share);

    private static float Step(float clock) => MathF.Floor(clock / 15) * 15;

    private static HourStatistics Scale(in HourStatistics of, float from, float factor, float to) =>
        new(to + ((of.Mean - from) * factor), of.Deviation * factor, to + ((of.Min - from) * factor), to + ((of.Max - from) * factor));

    // Share of the hour above a limit, by the normal distribution.
    private static float Over(float limit, in HourStatistics of)
    {
        if (of.Max <= limit)
        {
            return 0;
        }

        var z = (limit - of.Mean) / Math.Max(0.1f, of.Deviation);
        return (float)(1 / (1 + Math.Exp(1.702 * z)));
    }

    // The counters of the hours from `from` on, with the errors of a healthy GPU counted to the hours from `at` on.
    private void WriteCounters(int from, int to, int at)
    {
        var (i, count) = (from - _into.FirstHour, to - from);
        var rate = _life.Profile.SbePerHour;
        var volatileErrors = Column(HourColumn.SbeVolatile).Slice(i, count);
        var errors = Column(HourColumn.SbeAggregate).Slice(i, count);
        for (var k = 0; k < count; k++)
        {
            volatileErrors[k] = _counters.Sbe + (float)Math.Floor(Math.Max(0, rate * (at + k + 1 - _lastReset)));
            errors[k] = _counters.SbeOfLife + _bornErrors + (float)Math.Floor(rate * Math.Max(0, at + k + 1 - _bornHour));
        }

        var (max, high, partial, low, none) = _counters.BankHistogram;
        var remaps = _life.Product.RemapsRows;
        Fill(HourColumn.DbeVolatile, _counters.Dbe);
        Fill(HourColumn.DbeAggregate, _counters.DbeOfLife);
        Fill(HourColumn.SramDbeAggregate, _counters.SramDbe);
        Fill(HourColumn.SramThreshold, remaps ? Math.Min(1, _counters.SramDbe) : float.NaN);
        Fill(HourColumn.CorrectableRows, remaps ? _counters.CorrectableRows : float.NaN);
        Fill(HourColumn.UncorrectableRows, remaps ? _counters.UncorrectableRows : float.NaN);
        Fill(HourColumn.RemapPending, remaps ? (_counters.IsPending ? 1 : 0) : float.NaN);
        Fill(HourColumn.RemapFailed, remaps ? (none > 0 && _counters.UncorrectableRows > 0 ? 1 : 0) : float.NaN);
        Fill(HourColumn.BanksMax, remaps ? max : float.NaN);
        Fill(HourColumn.BanksHigh, remaps ? high : float.NaN);
        Fill(HourColumn.BanksPartial, remaps ? partial : float.NaN);
        Fill(HourColumn.BanksLow, remaps ? low : float.NaN);
        Fill(HourColumn.BanksNone, remaps ? none : float.NaN);
        Fill(HourColumn.PcieReplays, _counters.PcieReplays);
        Fill(HourColumn.NvlinkCrc, _reportsLinks ? _counters.NvlinkCrc : float.NaN);
        Fill(HourColumn.NvlinkReplays, _reportsLinks ? _counters.NvlinkReplays : float.NaN);
        Fill(HourColumn.NvlinkRecoveries, _reportsLinks ? _counters.NvlinkRecoveries : float.NaN);

        void Fill(HourColumn column, float value) => Column(column).Slice(i, count).Fill(value);
    }

    // The exporter answers with the last values before the freeze: all samples of an hour are equal, and counters stand still.
    private void WriteFrozen(int hour, int since, in HourConditions conditions)
    {
        WriteGauges(hour, since, HourConditions.Undisturbed with { Present = conditions.Present });
        var i = hour - _into.FirstHour;
        foreach (
            var first in new[]
            {
                HourColumn.GpuTempMean,
                HourColumn.MemoryTempMean,
                HourColumn.PowerMean,
                HourColumn.UtilizationMean,
                HourColumn.SmClockMean,
                HourColumn.SmActiveMean,
            }
        )
        {
            var mean = Column(first)[i];
            var whole = first is HourColumn.GpuTempMean or HourColumn.MemoryTempMean or HourColumn.UtilizationMean;
            Set(
                first,
                i,
                new HourStatistics(whole ? MathF.Round(mean) : mean, 0, whole ? MathF.Round(mean) : mean, whole ? MathF.Round(mean) : mean)
            );
        }

        var margin = (float)_life.Product.MaxOperatingCelsius - Column(HourColumn.GpuTempMean)[i];
        Set(HourColumn.MarginMean, i, _life.Product.HasMargin ? margin : float.NaN);
        Set(HourColumn.MarginMin, i, _life.Product.HasMargin ? margin : float.NaN);
        var (counters, lastReset) = (_counters, _lastReset);
        (_counters, _lastReset) = _frozen;
        WriteCounters(hour, hour + 1, since);
        (_counters, _lastReset) = (counters, lastReset);
    }

    private void Absent(int from, int to)
    {
        if (from >= to)
        {
            return;
        }

        for (var column = HourColumn.Samples; (int)column < LifeHours.Columns; column++)
        {
            Column(column).Slice(from - _into.FirstHour, to - from).Fill(column == HourColumn.Samples ? 0 : float.NaN);
        }
    }

    private Span<float> Column(HourColumn column) => _into.Column(column);

    private void Set(HourColumn column, int i, float value) => _into.Column(column)[i] = value;

    private void Set(HourColumn mean, int i, in HourStatistics value)
    {
        Set(mean, i, value.Mean);
        Set(mean + 1, i, value.Deviation);
        Set(mean + 2, i, value.Min);
        Set(mean + 3, i, value.Max);
    }

    private void SetRounded(HourColumn mean, int i, in HourStatistics value, bool isReported) =>
        Set(
            mean,
            i,
            isReported
                ? new HourStatistics(
                    value.Mean,
                    // Rounding to whole degrees adds the variance of a uniform error.
                    MathF.Sqrt((value.Deviation * value.Deviation) + (1 / 12f)),
                    MathF.Round(value.Min),
                    MathF.Round(value.Max)
                )
                : new HourStatistics(float.NaN, float.NaN, float.NaN, float.NaN)
        );
}
