using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>The hazards of single GPUs, for the simulation and for the oracle.</summary>
internal sealed class Hazards
{
    public const int HeightsPerRack = 4;

    private readonly FailureParameters _parameters;
    private readonly double _meanBatch;
    private readonly double _meanHeight;
    private readonly Dictionary<FailureMode, double> _meanPower;

    public Hazards(FailureParameters parameters)
    {
        _parameters = parameters;
        _meanBatch = parameters.Batches.Sum(batch => batch.Share * batch.Multiplier);
        _meanHeight = Enumerable.Range(0, HeightsPerRack).Average(level => HeightFactor(level / (HeightsPerRack - 1.0)));
        _meanPower = parameters.Modes.ToDictionary(
            mode => mode.Mode,
            mode => GpuProfile.All.Average(profile => Math.Pow(Power(profile), mode.PowerExponent))
        );
    }

    /// <summary>
    /// Hazard per hour of a sudden failure, or of the onset of a gradual one, relative to age: multiply it by <see cref="AgeIntegral"/>.
    /// </summary>
    public double Of(GpuLife life, ModeParameters mode, int priorFailures)
    {
        var hazard = mode.PerGpuHour / mode.FailingShare;
        hazard *= mode.VariesByBatch ? life.Batch.Multiplier / _meanBatch : 1;
        hazard *= mode.VariesByHeight ? HeightFactor(life.Height) / _meanHeight : 1;
        hazard *= mode.VariesByFrailty ? life.Frailty : 1;
        hazard *= mode.PowerExponent > 0 ? Math.Pow(Power(life.Profile), mode.PowerExponent) / _meanPower[mode.Mode] : 1;
        return hazard
            * (priorFailures > 0 && mode.Recurrence.Count > 0 ? mode.Recurrence[Math.Min(priorFailures, mode.Recurrence.Count) - 1] : 1);
    }

    /// <summary>Whether a GPU can fail in this way at all.</summary>
    public static bool CanHappen(GpuLife life, ModeParameters mode) =>
        mode.PerGpuHour > 0 && (mode.Mode != FailureMode.NvlinkDecay || life.Product.Links > 0);

    /// <summary>Integral of the mode's age factor between two ages in hours; the difference of the ages if it does not wear out.</summary>
    public static double AgeIntegral(ModeParameters mode, double fromAge, double toAge) =>
        mode.WearOutShape <= 1
            ? toAge - fromAge
            : ModeParameters.ReferenceAgeHours / mode.WearOutShape * (Scaled(mode, toAge) - Scaled(mode, fromAge));

    /// <summary>The mode's age factor at an age in hours.</summary>
    public static double AgeFactor(ModeParameters mode, double age) =>
        mode.WearOutShape <= 1 ? 1 : Math.Pow(age / ModeParameters.ReferenceAgeHours, mode.WearOutShape - 1);

    /// <summary>Age at which the integral from <paramref name="fromAge"/> on reaches <paramref name="integral"/>.</summary>
    public static double AgeAfter(ModeParameters mode, double fromAge, double integral) =>
        mode.WearOutShape <= 1
            ? fromAge + integral
            : ModeParameters.ReferenceAgeHours
                * Math.Pow(
                    Scaled(mode, fromAge) + (integral * mode.WearOutShape / ModeParameters.ReferenceAgeHours),
                    1 / mode.WearOutShape
                );

    private static double Scaled(ModeParameters mode, double age) => Math.Pow(age / ModeParameters.ReferenceAgeHours, mode.WearOutShape);

    private static double Power(GpuProfile profile) => profile.MeanLoad * profile.PowerFactor;

    private double HeightFactor(double height) => Math.Pow(_parameters.TopOfRackFactor, height);
}
