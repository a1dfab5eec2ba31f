namespace GpuActors.Simulation.Failures;

/// <summary>
/// The best prediction that anybody could make of a simulated GPU: the probability of a failure within a horizon, given all that the
/// simulator has decided up to the cut (frailty, batch, height, prior failures, stages and speeds of open courses) and nothing of what it
/// decides later. A model that sees telemetry sees less.
/// <para>
/// Until the next failure the modes are independent, so the probability is <c>1 - Π (1 - P(mode))</c>. A sudden mode has <c>1 - exp(-Λ)</c>
/// with the integral Λ of its hazard. An open course with n stages left, the current one included, fails within t with probability
/// <c>p^n F(n, a t)</c>, where p is the probability that a stage ends in the next one, a the rate of leaving a stage, and F(n, x) the
/// distribution function of the Erlang distribution of n stages of rate 1. A course that has not begun: the convolution of its onset with
/// that, in closed form for a constant hazard, by Simpson's rule over <see cref="Intervals"/> intervals for wear-out. A planned removal is
/// no failure: the probability is the one without it.
/// </para>
/// </summary>
public sealed class FailureOracle
{
    /// <summary>Intervals of the integration over the time of onset, for modes that wear out.</summary>
    public const int Intervals = 32;

    private readonly LifeSimulator _simulator;

    /// <summary>Creates the oracle of a simulator.</summary>
    public FailureOracle(LifeSimulator simulator)
    {
        ArgumentNullException.ThrowIfNull(simulator);
        _simulator = simulator;
    }

    /// <summary>Gets the probability that a GPU fails within a horizon.</summary>
    /// <param name="life">A GPU of the simulator.</param>
    /// <param name="hour">The cut, in hours since the start of the simulation.</param>
    /// <param name="horizonHours">The horizon in hours, above 0 to <see cref="FailureParameters.LongestHorizonHours"/>.</param>
    /// <returns>The probability, 0 to 1; NaN if the GPU is not in service at the cut.</returns>
    public double Probability(GpuLife life, double hour, double horizonHours)
    {
        ArgumentNullException.ThrowIfNull(life);
        if (!life.IsInService(hour))
        {
            return double.NaN;
        }

        var survival = 1.0;
        foreach (var mode in _simulator.Settings.Failures.Modes)
        {
            survival *= 1 - Probability(life, mode, hour, horizonHours);
        }

        return 1 - survival;
    }

    /// <summary>
    /// Gets the probability that a GPU fails by one mode within a horizon if no other mode makes it fail before.
    /// </summary>
    /// <param name="life">A GPU of the simulator, in service at the cut.</param>
    /// <param name="mode">A mode of the simulator.</param>
    /// <param name="hour">The cut, in hours since the start of the simulation.</param>
    /// <param name="horizonHours">The horizon in hours, above 0 to <see cref="FailureParameters.LongestHorizonHours"/>.</param>
    /// <returns>The probability, 0 to 1.</returns>
    public double Probability(GpuLife life, ModeParameters mode, double hour, double horizonHours)
    {
        ArgumentNullException.ThrowIfNull(life);
        ArgumentNullException.ThrowIfNull(mode);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(horizonHours);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(horizonHours, FailureParameters.LongestHorizonHours);
        if (!Hazards.CanHappen(life, mode))
        {
            return 0;
        }

        var hazard = _simulator.Hazards.Of(life, mode, life.FailuresUntil(hour, mode.Type));
        var age = hour - life.InstalledHour;
        if (!mode.IsGradual)
        {
            return 1 - Math.Exp(-hazard * Hazards.AgeIntegral(mode, age, age + horizonHours));
        }

        var wait = 0.0;
        foreach (var course in life.Courses)
        {
            if (course.Mode != mode)
            {
                continue;
            }

            if (course.StageAt(hour) is > 0 and var stage)
            {
                var left = mode.Stages - stage + 1;
                return Math.Pow(mode.StageSuccess, left) * Erlang(left, LeavingRate(mode, course.Speed) * horizonHours);
            }

            if (course.EndHour <= hour)
            {
                wait = Math.Max(wait, course.EndHour + _simulator.Settings.Failures.ImmuneHours - hour);
            }
        }

        return wait >= horizonHours ? 0
            : mode.WearOutShape <= 1 ? Unbegun(mode, hazard, horizonHours - wait)
            : Unbegun(mode, hazard, age + wait, horizonHours - wait, Intervals);
    }

    /// <summary>Failure within a time by a course that has not begun, at a constant hazard of the onset.</summary>
    internal double Unbegun(ModeParameters mode, double hazard, double hours)
    {
        var sum = 0.0;
        foreach (var speed in _simulator.Settings.Failures.Speeds)
        {
            var rate = LeavingRate(mode, speed.Factor);
            if (hazard >= 0.9 * rate)
            {
                // The closed form cancels near equal rates. Onsets as fast as stages do not occur with realistic parameters.
                return Unbegun(mode, hazard, 0, hours, 64 * Intervals);
            }

            sum +=
                speed.Share
                * (
                    Erlang(mode.Stages, rate * hours)
                    - (
                        Math.Exp(-hazard * hours)
                        * Math.Pow(rate / (rate - hazard), mode.Stages)
                        * Erlang(mode.Stages, (rate - hazard) * hours)
                    )
                );
        }

        return Math.Clamp(mode.FailingShare * sum, 0, 1);
    }

    /// <summary>Failure within a time by a course that has not begun, by integration over the time of its onset.</summary>
    internal double Unbegun(ModeParameters mode, double hazard, double age, double hours, int intervals)
    {
        var sum = 0.0;
        for (var i = 0; i < intervals; i++)
        {
            // At the end no time is left, and the integrand is 0.
            var at = hours * i / intervals;
            var onset = hazard * Hazards.AgeFactor(mode, age + at) * Math.Exp(-hazard * Hazards.AgeIntegral(mode, age, age + at));
            sum +=
                onset
                * _simulator.Settings.Failures.Speeds.Sum(speed =>
                    speed.Share * Erlang(mode.Stages, LeavingRate(mode, speed.Factor) * (hours - at))
                )
                * (
                    i == 0 ? 1
                    : i % 2 == 1 ? 4
                    : 2
                );
        }

        return mode.FailingShare * sum * hours / (3 * intervals);
    }

    // A stage is left for the next one or by healing.
    private static double LeavingRate(ModeParameters mode, double speed) => mode.StageRate(speed) / mode.StageSuccess;

    private static double Erlang(int stages, double x)
    {
        // The sum of the terms from the first one that belongs to the result on, so that small probabilities keep their digits.
        var term = Math.Exp(-x);
        var below = 0.0;
        for (var i = 0; i < stages; i++)
        {
            below += term;
            term *= x / (i + 1);
        }

        if (x > 1)
        {
            return Math.Max(0, 1 - below);
        }

        var above = 0.0;
        for (var i = stages; term > above * 1e-17; i++)
        {
            above += term;
            term *= x / (i + 1);
        }

        return above;
    }
}
