using System.Globalization;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>Simulates one life: draws the next event of every mode, applies the earliest, and draws anew (Gillespie).</summary>
internal sealed class LifeCourse
{
    private const double HoursPerYear = 8760;
    private static readonly int[] ApplicationXids = [13, 31, 43, 45];

    private readonly LifeSettings _settings;
    private readonly Hazards _hazards;
    private readonly GpuLife _life;
    private readonly string _replacement;
    private readonly List<GpuFailure> _failures = [];
    private readonly List<XidOccurrence> _xids = [];
    private readonly List<DegradationCourse> _courses = [];
    private readonly List<HourSpan> _absences = [];
    private readonly List<MemoryEvent> _memory = [];
    private readonly int[] _prior = new int[Enum.GetValues<FailureType>().Length];
    private readonly Dictionary<FailureMode, double> _immuneUntil = [];
    private DeterministicRandom _random;
    private double _now;

    public LifeCourse(LifeSimulator simulator, GpuLife life, string replacement)
    {
        (_settings, _hazards, _life, _replacement) = (simulator.Settings, simulator.Hazards, life, replacement);
        _random = Draws.Stream(_settings.Seed, StreamOf.Failures, life.Slot, life.Number);
    }

    /// <summary>
    /// Simulates from an hour until removal or the end; returns the hour at which the next GPU of the place is installed.
    /// </summary>
    public double Run(double fromHour)
    {
        _now = fromHour;
        var next = double.PositiveInfinity;
        while (true)
        {
            var (hour, mode) = NextEvent();
            if (hour >= _settings.Hours)
            {
                break;
            }

            _now = hour;
            if (mode is null)
            {
                _life.IsRemovalPlanned = true;
                next = Remove();
                break;
            }

            if (Advance(mode) && Fail(mode))
            {
                next = Remove();
                break;
            }
        }

        AddApplicationXids(fromHour);
        _life.Failures = _failures;
        _life.Courses = _courses;
        _life.Absences = _absences;
        _life.MemoryEvents = _memory;
        _life.Xids = [.. _xids.OrderBy(xid => xid.Hour)];
        return next;
    }

    private (double Hour, ModeParameters? Mode) NextEvent()
    {
        var (first, of) = (_now + (HoursPerYear / _settings.Failures.RemovalsPerYear * _random.NextExponential()), (ModeParameters?)null);
        foreach (var mode in _settings.Failures.Modes)
        {
            var hour = NextOf(mode);
            if (hour < first)
            {
                (first, of) = (hour, mode);
            }
        }

        return (first, of);
    }

    private double NextOf(ModeParameters mode)
    {
        var draw = _random.NextExponential();
        if (!Hazards.CanHappen(_life, mode))
        {
            return double.PositiveInfinity;
        }

        if (Open(mode) is { } course)
        {
            return _now + (draw * mode.StageSuccess / mode.StageRate(course.Speed));
        }

        var from = Math.Max(_now, _immuneUntil.GetValueOrDefault(mode.Mode, double.NegativeInfinity)) - _life.InstalledHour;
        return _life.InstalledHour + Hazards.AgeAfter(mode, from, draw / _hazards.Of(_life, mode, _prior[(int)mode.Type]));
    }

    private DegradationCourse? Open(ModeParameters mode) => _courses.Find(course => course.Mode == mode && course.IsOpen(_now));

    // True if the mode has come to its failure.
    private bool Advance(ModeParameters mode)
    {
        if (!mode.IsGradual)
        {
            return true;
        }

        if (Open(mode) is not { } course)
        {
            var speeds = _settings.Failures.Speeds;
            _courses.Add(new DegradationCourse(mode, speeds[_random.NextIndex(speeds.Select(speed => speed.Share))].Factor, _now));
            ShowStage(mode);
            return false;
        }

        if (_random.NextDouble() >= mode.StageSuccess)
        {
            End(course, failed: false);
            return false;
        }

        if (course.StageHours.Count < mode.Stages)
        {
            course.Enter(_now);
            ShowStage(mode);
            return false;
        }

        End(course, failed: true);
        return true;
    }

    private void End(DegradationCourse course, bool failed)
    {
        (course.EndHour, course.Failed) = (_now, failed);
        _immuneUntil[course.Mode.Mode] = _now + _settings.Failures.ImmuneHours;
    }

    private void ShowStage(ModeParameters mode)
    {
        if (mode.Mode == FailureMode.MemoryGradual && _life.Product.RemapsRows)
        {
            var rows = 1 + _random.NextPoisson(1);
            _memory.Add(new(_now, rows, 0, 0, 0));
            _xids.Add(new(_now, 63, rows));
        }
    }

    // True if the GPU is replaced.
    private bool Fail(ModeParameters mode)
    {
        var replaced = _random.NextDouble() < mode.Replaced;
        var evidence = Evidence(mode, replaced);
        _failures.Add(
            new(
                _now,
                _settings.StartMs + (long)(_now * 3_600_000),
                _life.Uuid,
                mode.Type,
                mode.Mode,
                evidence,
                replaced ? _replacement : null
            )
        );
        if (!replaced)
        {
            _prior[(int)mode.Type]++;
            var back = _now + (_settings.Failures.ResetHours * _random.NextExponential());
            _absences.Add(new(_now, back));
            _now = back;
        }

        return replaced;
    }

    private string Evidence(ModeParameters mode, bool replaced)
    {
        switch (mode.Mode)
        {
            case FailureMode.MemoryGradual:
                _memory.Add(new(_now, 0, 1, 1, 0));
                return Xids(replaced ? "; row remapping failed" : "", 48, _random.NextDouble() < 0.6 ? 94 : 95, 171, replaced ? 64 : 63);
            case FailureMode.MemorySudden:
                _memory.Add(new(_now, 0, 1, 1, 0));
                return Xids("; DBE +1", 48, 95, 45);
            case FailureMode.SramUncorrectable:
                _memory.Add(new(_now, 0, 0, 0, 1));
                return Xids("; SRAM threshold", 48, 172);
            case FailureMode.GspHang:
                return Xids("", 119, 119, 119, 120);
            case FailureMode.FellOffBus or FailureMode.PcieDecay:
                // An assumption: one in four falls off without an XID, with a line in the kernel log only.
                return _random.NextDouble() < 0.75 ? Xids("; fallen off the bus", 79) : "fallen off the bus, no XID";
            case FailureMode.NvlinkDecay:
                return Xids("", _life.Product.Key.Contains("b200", StringComparison.Ordinal) ? 145 : 74);
            case FailureMode.ThermalInterface:
                return "thermal slowdown at normal power";
            case FailureMode.PowerStage:
                return Xids("; power brake", 62);
            case FailureMode.Aging:
                return "clocks below specification at normal temperature";
            default:
                return "diagnostics failed";
        }
    }

    private string Xids(string rest, params ReadOnlySpan<int> codes)
    {
        var text = "XID";
        for (var i = 0; i < codes.Length; i++)
        {
            // Within a second, in the order in which a driver writes them.
            _xids.Add(new(_now + (i * 0.2 / 3600), codes[i], 1));
            text += string.Create(CultureInfo.InvariantCulture, $" {codes[i]}");
        }

        return text + rest;
    }

    private double Remove()
    {
        _life.RemovedHour = _now;
        foreach (var course in _courses.Where(course => double.IsInfinity(course.EndHour)))
        {
            course.EndHour = _now;
        }

        return _now + (_settings.Failures.RepairHours * _random.NextExponential());
    }

    private void AddApplicationXids(double fromHour)
    {
        var random = Draws.Stream(_settings.Seed, StreamOf.Noise, _life.Slot, _life.Number);
        var end = Math.Min(_life.RemovedHour, _settings.Hours);
        var perHour = _settings.Failures.Site.ApplicationXidsPerHour;
        for (var hour = fromHour; perHour > 0; )
        {
            hour += random.NextExponential() / perHour;
            if (hour >= end)
            {
                break;
            }

            AddIfInService(new(hour, ApplicationXids[(int)(random.Next() % 4)], 1));
        }

        foreach (var storm in _life.Incidents.XidStorms)
        {
            for (var i = 0; i < 12; i++)
            {
                var count = (_settings.Failures.Site.XidsPerStorm * (i + 1) / 12) - (_settings.Failures.Site.XidsPerStorm * i / 12);
                if (count > 0)
                {
                    AddIfInService(new(storm.From + ((storm.To - storm.From) * i / 12), ApplicationXids[i % 4], count));
                }
            }
        }
    }

    private void AddIfInService(XidOccurrence xid)
    {
        if (
            xid.Hour >= _life.InstalledHour
            && xid.Hour < Math.Min(_life.RemovedHour, _settings.Hours)
            && !_absences.Exists(absence => xid.Hour >= absence.From && xid.Hour < absence.To)
        )
        {
            _xids.Add(xid);
        }
    }
}
