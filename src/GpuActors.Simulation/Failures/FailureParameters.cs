namespace GpuActors.Simulation.Failures;

/// <summary>
/// How the GPUs of a simulated fleet fail. Rates are those of the published statistics that each entry names: Llama 3 on 16,384 H100 over
/// 54 days ("Llama 3"), 30,207 K20X on Titan over six years ("Titan", SC '20), Summit's V100. What no source has is called an assumption.
/// <para>
/// Heat is one cause among others, and often none: the height in the rack raises temperature and some hazards (Titan), uncorrectable errors
/// go with power and not with temperature (Summit), profiles with hot GPUs fail no more often, and a decaying thermal interface is hot
/// because it fails.
/// </para>
/// </summary>
public sealed record FailureParameters
{
    /// <summary>The longest horizon of a prediction, in hours: 90 days.</summary>
    public const double LongestHorizonHours = 2160;

    /// <summary>
    /// The modes, each at most once; one that is missing does not happen. Defaults sum to about the 1.26e-5 per GPU-hour of Llama 3.
    /// Batches, heights and frailty do not change the sum. Lead times, shares of replaced GPUs and shares of healing courses are
    /// assumptions.
    /// </summary>
    public IReadOnlyList<ModeParameters> Modes { get; init; } =
    [
        // Llama 3: HBM3 3.4e-6, of which 1.4e-6 without warning. An assumption: how they divide. Recurrence: Titan, 30 days after a DBE.
        new(FailureMode.MemoryGradual, FailureType.Memory, 2e-6, 0.9)
        {
            Stages = 6,
            LeadDays = 21,
            FailingShare = 0.75,
            VariesByBatch = true,
            VariesByHeight = true,
            VariesByFrailty = true,
            Recurrence = [15, 37, 73],
        },
        // No effect of the height: Summit found none of the temperature, but one of power. An assumption: the exponent.
        new(FailureMode.MemorySudden, FailureType.Memory, 1.4e-6, 0.35)
        {
            VariesByBatch = true,
            VariesByFrailty = true,
            PowerExponent = 2,
            Recurrence = [15, 37, 73],
        },
        // Llama 3: GPU SRAM.
        new(FailureMode.SramUncorrectable, FailureType.Memory, 9e-7, 0.5) { VariesByFrailty = true },
        // Llama 3: system processor.
        new(FailureMode.GspHang, FailureType.Other, 8e-7, 0.2),
        // An assumption: 2e-6 of the 7.0e-6 of Llama 3's "faulty GPU" fall off the bus, a fifth of them after replays. Recurrence: Titan,
        // 4% within 30 days of an OTB instead of 0.67%.
        new(FailureMode.FellOffBus, FailureType.Interconnect, 1.6e-6, 0.6)
        {
            VariesByBatch = true,
            VariesByHeight = true,
            VariesByFrailty = true,
            Recurrence = [6, 6, 6],
        },
        new(FailureMode.PcieDecay, FailureType.Interconnect, 4e-7, 0.8)
        {
            Stages = 4,
            LeadDays = 6,
            FailingShare = 0.7,
            VariesByFrailty = true,
        },
        // An assumption: 1e-6 of "faulty GPU".
        new(FailureMode.NvlinkDecay, FailureType.Interconnect, 1e-6, 0.7)
        {
            Stages = 4,
            LeadDays = 5,
            FailingShare = 0.7,
            VariesByFrailty = true,
        },
        // Llama 3: thermal interface and sensor.
        new(FailureMode.ThermalInterface, FailureType.Thermal, 2.8e-7, 0.9)
        {
            Stages = 8,
            LeadDays = 42,
            FailingShare = 0.85,
            VariesByBatch = true,
        },
        // An assumption: no source counts voltage regulators.
        new(FailureMode.PowerStage, FailureType.Power, 3e-7, 0.95)
        {
            Stages = 4,
            LeadDays = 10,
            FailingShare = 0.8,
            VariesByFrailty = true,
            PowerExponent = 1,
        },
        // Titan: the hazard of the old batch rose from 0.09% to 12% per year between the first and third year. The defaults rise with the
        // square of the age. An assumption: rate and shape for GPUs of today.
        new(FailureMode.Aging, FailureType.Aging, 1.4e-6, 0.95)
        {
            Stages = 8,
            LeadDays = 60,
            FailingShare = 0.9,
            VariesByBatch = true,
            VariesByHeight = true,
            WearOutShape = 3,
        },
        // The rest of "faulty GPU", and silent data corruption.
        new(FailureMode.Unspecified, FailureType.Other, 3e-6, 0.7) { VariesByFrailty = true },
    ];

    /// <summary>
    /// Production batches. Titan's batches differ by 27. An assumption: shares and the steps between; a replacement comes from any batch.
    /// </summary>
    public IReadOnlyList<BatchParameters> Batches { get; init; } =
    [new("A", 0.55, 1), new("B", 0.3, 2.5), new("C", 0.12, 8), new("D", 0.03, 27)];

    /// <summary>
    /// Shape of the gamma distribution of the frailty of single GPUs, whose mean is 1, 0.2 to 1000. Smaller is more unequal. Default 2: the
    /// variance is 0.5. An assumption.
    /// </summary>
    public double FrailtyShape { get; init; } = 2;

    /// <summary>Hazard at the top of a rack relative to its bottom, 1 to 10. Default 3.4: cage 2 to cage 0 of Titan's old batch.</summary>
    public double TopOfRackFactor { get; init; } = 3.4;

    /// <summary>Speeds of the courses of gradual failures. An assumption.</summary>
    public IReadOnlyList<CourseSpeed> Speeds { get; init; } = [new(0.5, 0.25), new(1, 0.5), new(2, 0.25)];

    /// <summary>
    /// Hours after a course has healed or was reset in which no other of the same mode begins, at least <see cref="LongestHorizonHours"/>.
    /// Default that. An assumption, by which the oracle has a closed form.
    /// </summary>
    public double ImmuneHours { get; init; } = LongestHorizonHours;

    /// <summary>Mean hours until a replacement is in service, above 0 to 8760. Default 72. An assumption.</summary>
    public double RepairHours { get; init; } = 72;

    /// <summary>Mean hours out of service for a failure that a reset ends, above 0 to 8760. Default 2. An assumption.</summary>
    public double ResetHours { get; init; } = 2;

    /// <summary>GPUs that are removed without a failure, per year of service, 0 to 1. Default 0.02. An assumption.</summary>
    public double RemovalsPerYear { get; init; } = 0.02;

    /// <summary>Highest age of a GPU at the start, in months, 0 to 120; ages are uniform. Default 36. An assumption.</summary>
    public double MaxAgeMonths { get; init; } = 36;

    /// <summary>What the telemetry shows of gradual failures. The oracle does not depend on it.</summary>
    public SignatureParameters Signatures { get; init; } = new();

    /// <summary>What happens to healthy GPUs too.</summary>
    public SiteParameters Site { get; init; } = new();

    /// <summary>Gets the parameters of a mode; null if it does not happen.</summary>
    public ModeParameters? Find(FailureMode mode) => Modes.FirstOrDefault(parameters => parameters.Mode == mode);

    /// <summary>Checks the ranges.</summary>
    /// <returns>The errors, each with key, value and remedy; empty if the parameters are valid.</returns>
    public IEnumerable<string> Validate()
    {
        foreach (var twice in Modes.GroupBy(mode => mode.Mode).Where(group => group.Count() > 1))
        {
            yield return $"modes = {twice.Key}: must be listed once";
        }

        foreach (var error in Modes.SelectMany(mode => mode.Validate()).Concat(Site.Validate()).Concat(Signatures.Validate()))
        {
            yield return error;
        }

        foreach (var batch in Batches.Where(b => b.Share is not (> 0 and <= 1) || b.Multiplier is not (>= 1 and <= 100)))
        {
            yield return $"batch {batch.Name}: share = {batch.Share}, multiplier = {batch.Multiplier}: "
                + "must be above 0 and at most 1, and from 1 to 100";
        }

        foreach (var speed in Speeds.Where(s => s.Share is not (> 0 and <= 1) || s.Factor is not (>= 0.1 and <= 10)))
        {
            yield return $"speed {speed.Factor}: share = {speed.Share}: must be from 0.1 to 10, with a share above 0 and at most 1";
        }

        if (Math.Abs(Batches.Sum(batch => batch.Share) - 1) > 1e-9)
        {
            yield return $"batches = {Batches.Sum(batch => batch.Share)}: the shares must sum to 1";
        }

        if (Math.Abs(Speeds.Sum(speed => speed.Share) - 1) > 1e-9)
        {
            yield return $"speeds = {Speeds.Sum(speed => speed.Share)}: the shares must sum to 1";
        }

        (string Key, double Value, double From, double To)[] ranges =
        [
            ("frailty-shape", FrailtyShape, 0.2, 1000),
            ("top-of-rack-factor", TopOfRackFactor, 1, 10),
            ("immune-hours", ImmuneHours, LongestHorizonHours, 1e6),
            ("repair-hours", RepairHours, 0.01, 8760),
            ("reset-hours", ResetHours, 0.01, 8760),
            ("removals-per-year", RemovalsPerYear, 0, 1),
            ("max-age-months", MaxAgeMonths, 0, 120),
        ];
        foreach (var (key, value, from, to) in ranges)
        {
            if (!(value >= from && value <= to))
            {
                yield return $"{key} = {value}: must be from {from} to {to}";
            }
        }
    }
}
