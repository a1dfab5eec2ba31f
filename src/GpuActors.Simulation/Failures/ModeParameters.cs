namespace GpuActors.Simulation.Failures;

/// <summary>
/// Rate, lead time and outcome of a failure mode. A mode without stages is sudden: failures follow its hazard. A mode with stages is
/// gradual: a course begins with the hazard <c>rate / FailingShare</c>, goes through the stages one after the other after exponential
/// times, and fails at the end of the last one, or heals on the way. So the lead time is Erlang-distributed, and all that telemetry shows
/// of the future is the current stage.
/// </summary>
/// <param name="Mode">The mode.</param>
/// <param name="Type">Type in the label.</param>
/// <param name="PerGpuHour">Failures per GPU-hour, averaged over batches, frailty, heights and profiles; 0 to 0.001. If
/// <see cref="WearOutShape"/> is above 1, the hazard at the age of <see cref="ReferenceAgeHours"/>.</param>
/// <param name="Replaced">Share of the failures after which the GPU is replaced, 0 to 1. The others are ended by a reset.</param>
public sealed record ModeParameters(FailureMode Mode, FailureType Type, double PerGpuHour, double Replaced)
{
    /// <summary>Age for which a wear-out hazard is given: three years, in hours.</summary>
    public const double ReferenceAgeHours = 26_280;

    /// <summary>Number of stages, 0 (default, sudden) to 20. More stages make lead times more alike.</summary>
    public int Stages { get; init; }

    /// <summary>Mean time from onset to failure of a course of mean speed, in days, above 0; without meaning for a sudden mode.</summary>
    public double LeadDays { get; init; } = 1;

    /// <summary>Share of the courses that end in a failure, above 0 to 1 (default). The others heal.</summary>
    public double FailingShare { get; init; } = 1;

    /// <summary>Whether the batch multiplies the hazard.</summary>
    public bool VariesByBatch { get; init; }

    /// <summary>Whether the height in the rack multiplies the hazard.</summary>
    public bool VariesByHeight { get; init; }

    /// <summary>Whether the frailty of the single GPU multiplies the hazard.</summary>
    public bool VariesByFrailty { get; init; }

    /// <summary>
    /// Exponent of the mean power under load, relative to other GPUs of the product, 0 (default, no effect) to 5. Power acts directly, not
    /// by heat: Summit's uncorrectable errors went with power, not with temperature.
    /// </summary>
    public double PowerExponent { get; init; }

    /// <summary>Shape of the Weibull hazard over age, 1 (default, constant) to 10.</summary>
    public double WearOutShape { get; init; } = 1;

    /// <summary>
    /// Factors of the hazard after the first, second, and third and later failure of the same type that was reset. Empty: 1.
    /// </summary>
    public IReadOnlyList<double> Recurrence { get; init; } = [];

    /// <summary>Whether telemetry shows the failure before it happens.</summary>
    public bool IsGradual => Stages > 0;

    /// <summary>Probability that a stage ends in the next one, and not in healing.</summary>
    public double StageSuccess => IsGradual ? Math.Pow(FailingShare, 1.0 / Stages) : 1;

    /// <summary>Hazard of leaving a stage for the next one, per hour, in a course of the given speed.</summary>
    public double StageRate(double speed) => speed * Stages / (LeadDays * 24);

    internal IEnumerable<string> Validate()
    {
        if (PerGpuHour is not (>= 0 and <= 0.001))
        {
            yield return $"{Mode}: per-gpu-hour = {PerGpuHour}: must be from 0 to 0.001";
        }

        if (Replaced is not (>= 0 and <= 1))
        {
            yield return $"{Mode}: replaced = {Replaced}: must be from 0 to 1";
        }

        if (Stages is < 0 or > 20)
        {
            yield return $"{Mode}: stages = {Stages}: must be from 0 (sudden) to 20";
        }

        if (LeadDays is not (> 0 and <= 3650))
        {
            yield return $"{Mode}: lead-days = {LeadDays}: must be above 0 and at most 3650";
        }

        if (FailingShare is not (> 0 and <= 1))
        {
            yield return $"{Mode}: failing-share = {FailingShare}: must be above 0 and at most 1";
        }

        if (PowerExponent is not (>= 0 and <= 5))
        {
            yield return $"{Mode}: power-exponent = {PowerExponent}: must be from 0 to 5";
        }

        if (WearOutShape is not (>= 1 and <= 10))
        {
            yield return $"{Mode}: wear-out-shape = {WearOutShape}: must be from 1 (constant) to 10";
        }

        if (Recurrence.Any(factor => factor is not (>= 1 and <= 1000)))
        {
            yield return $"{Mode}: recurrence = {string.Join(' ', Recurrence)}: factors must be from 1 to 1000";
        }
    }
}
