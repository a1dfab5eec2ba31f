using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>
/// Fast-forward of a fleet: the lives of its GPUs with their failures, event by event. What it returns depends on the settings and the
/// place only, so places may be simulated in any order and on any number of threads. Thread-safe.
/// </summary>
public sealed class LifeSimulator
{
    // Hours before the start from which on courses develop and failures happen, so that the first hour is like any other.
    private const double WarmUpHours = FailureParameters.LongestHorizonHours;
    private const double HoursPerMonth = 730;
    private const int GpusPerHost = 8;

    /// <summary>Creates a simulator.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names key, value and remedy.</exception>
    public LifeSimulator(LifeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Validate().FirstOrDefault() is { } error)
        {
            throw new ArgumentException(error, nameof(settings));
        }

        Settings = settings;
        Hazards = new Hazards(settings.Failures);
    }

    /// <summary>The settings.</summary>
    public LifeSettings Settings { get; }

    internal Hazards Hazards { get; }

    /// <summary>Simulates the GPUs of a place, one after the other.</summary>
    /// <param name="slot">Place in the fleet, from 0.</param>
    /// <returns>Its GPUs in order of time, without those that were removed before the start.</returns>
    public IReadOnlyList<GpuLife> Lives(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, Settings.Gpus);
        var host = slot / GpusPerHost;
        var incidents = SiteIncidents.Of(Settings.Failures.Site, Settings.Seed, host, SimulatedFleet.RackNumber(host), Settings.Hours);
        var lives = new List<GpuLife>();
        var age = Draws.Stream(Settings.Seed, StreamOf.Identity, slot, -1).NextDouble() * Settings.Failures.MaxAgeMonths * HoursPerMonth;
        var installed = -age;
        for (var number = 0; installed < Settings.Hours; number++)
        {
            var life = Create(slot, number, installed, incidents);
            var course = new LifeCourse(this, life, Uuid(slot, number + 1));
            installed = course.Run(Math.Max(installed, -WarmUpHours));
            if (life.RemovedHour > 0)
            {
                lives.Add(life);
            }
        }

        return lives;
    }

    /// <summary>Writes the hourly values of a GPU.</summary>
    /// <param name="life">A GPU of this simulator.</param>
    /// <param name="fromHour">First hour, 0 or later.</param>
    /// <param name="toHour">Hour after the last one, at most the length of the simulation.</param>
    /// <param name="into">Receives the values. An hour has the same values in whichever range it is asked for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not within the simulation.</exception>
    public void WriteHours(GpuLife life, int fromHour, int toHour, LifeHours into)
    {
        ArgumentNullException.ThrowIfNull(life);
        ArgumentNullException.ThrowIfNull(into);
        ArgumentOutOfRangeException.ThrowIfNegative(fromHour);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(toHour, fromHour);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(toHour, Settings.Hours);
        new HourWriter(this, life, into).Write(fromHour, toHour);
    }

    private GpuLife Create(int slot, int number, double installed, SiteIncidents incidents)
    {
        var parameters = Settings.Failures;
        var random = Draws.Stream(Settings.Seed, StreamOf.Identity, slot, number);
        var batch = parameters.Batches[random.NextIndex(parameters.Batches.Select(b => b.Share))];
        var frailty = random.NextGamma(parameters.FrailtyShape);
        var resistance = Math.Exp(parameters.Site.ResistanceSpread * random.NextGaussian());
        var profile = (int)(random.Next() % (ulong)GpuProfile.All.Count);
        var host = slot / GpusPerHost;
        return new GpuLife
        {
            Slot = slot,
            Number = number,
            Uuid = Uuid(slot, number),
            Host = SimulatedFleet.HostAt(host),
            IndexOnHost = slot % GpusPerHost,
            Height = SimulatedFleet.LevelInRack(host) / (Hazards.HeightsPerRack - 1.0),
            Product = Settings.Product,
            Profile = GpuProfile.All[number == 0 ? slot % GpuProfile.All.Count : profile],
            Batch = batch,
            InstalledHour = installed,
            Frailty = frailty,
            ThermalResistance = resistance,
            Incidents = incidents,
            HourSeed = random.Next(),
        };
    }

    private string Uuid(int slot, int number)
    {
        var ids = number == 0 ? SimulatedGpu.Ids(Settings.Seed, slot) : Draws.Stream(Settings.Seed, StreamOf.Identity, ~slot, number);
        return SimulatedGpu.NextUuid(ref ids);
    }
}
