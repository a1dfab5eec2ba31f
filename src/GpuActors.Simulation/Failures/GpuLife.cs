using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>
/// The life of one simulated GPU: asset facts, failures, XIDs, and the hidden state behind them. Hours count from the start of the
/// simulation; what happened before is negative.
/// </summary>
public sealed class GpuLife
{
    /// <summary>Place in the fleet, from 0.</summary>
    public required int Slot { get; init; }

    /// <summary>Number of the GPU at its place, from 0; the first one has the UUID that <see cref="SimulatedFleet"/> gives it.</summary>
    public required int Number { get; init; }

    /// <summary>UUID in NVML's form.</summary>
    public required string Uuid { get; init; }

    /// <summary>Host.</summary>
    public required SimulatedHost Host { get; init; }

    /// <summary>Index on its host, from 0.</summary>
    public required int IndexOnHost { get; init; }

    /// <summary>Height in the rack, 0 (bottom) to 1 (top).</summary>
    public required double Height { get; init; }

    /// <summary>Product.</summary>
    public required GpuProduct Product { get; init; }

    /// <summary>Load, temperature and power of the healthy GPU.</summary>
    public required GpuProfile Profile { get; init; }

    /// <summary>Batch.</summary>
    public required BatchParameters Batch { get; init; }

    /// <summary>Hour at which it was put into service.</summary>
    public required double InstalledHour { get; init; }

    /// <summary>Hour at which it was removed; infinity if it is still in service at the end.</summary>
    public double RemovedHour { get; internal set; } = double.PositiveInfinity;

    /// <summary>Whether the removal was planned: no failure caused it.</summary>
    public bool IsRemovalPlanned { get; internal set; }

    /// <summary>Failures in order of time. Each is an event that a model predicts.</summary>
    public IReadOnlyList<GpuFailure> Failures { get; internal set; } = [];

    /// <summary>XIDs in order of time, with those that applications caused.</summary>
    public IReadOnlyList<XidOccurrence> Xids { get; internal set; } = [];

    /// <summary>Hidden: hazard of this GPU relative to others of its batch and place; mean 1 over a fleet.</summary>
    public required double Frailty { get; init; }

    /// <summary>Hidden: factor of the thermal resistance, near 1.</summary>
    public required double ThermalResistance { get; init; }

    /// <summary>Hidden: gradual failures in order of their onset, also those that healed.</summary>
    public IReadOnlyList<DegradationCourse> Courses { get; internal set; } = [];

    /// <summary>Spans in which the GPU is out of service after a failure.</summary>
    public IReadOnlyList<HourSpan> Absences { get; internal set; } = [];

    /// <summary>What happened to the memory, in order of time.</summary>
    public IReadOnlyList<MemoryEvent> MemoryEvents { get; internal set; } = [];

    internal SiteIncidents Incidents { get; init; } = SiteIncidents.None;

    internal ulong HourSeed { get; init; }

    /// <summary>Whether the GPU is in service at a time: installed, not removed, not absent after a failure.</summary>
    public bool IsInService(double hour) =>
        hour >= InstalledHour && hour < RemovedHour && !Absences.Any(absence => hour >= absence.From && hour < absence.To);

    /// <summary>Whether a gradual failure shows in the telemetry of a span of time, also one that has healed.</summary>
    public bool ShowsDecay(double fromHour, double toHour) =>
        Courses.Any(course => course.StageHours[0] < toHour && course.ShownUntil > fromHour);

    /// <summary>Gets the failures of a type up to and including a time.</summary>
    internal int FailuresUntil(double hour, FailureType type) => Failures.Count(f => f.Hour <= hour && f.Type == type);
}
