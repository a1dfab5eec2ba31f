using GpuActors.Core.Metrics;

namespace GpuActors.Core.Features;

/// <summary>
/// What several features need of one <see cref="FeatureInput"/>, computed once. A buffer of <see cref="FeatureExtractor"/>.
/// </summary>
internal sealed class FeatureView
{
    private const int Day = 24;

    /// <summary>Hours before the last day, with which the last day is compared.</summary>
    private const int Before = FeatureInput.Hours - Day;

    // An hour of work: what a GPU does with little load says nothing of clock, activity and heat under load.
    private const float BusyPercent = 30;

    private readonly float[] _temp = new float[FeatureInput.Hours]; // With short gaps filled.
    private readonly float[] _busyClock = new float[FeatureInput.Hours];
    private readonly float[] _activityPerLoad = new float[FeatureInput.Hours];
    private readonly float[] _celsiusPerWatt = new float[FeatureInput.Hours];
    private readonly float[] _activityPerKilowatt = new float[FeatureInput.Hours];
    private readonly float[] _tempResidual = new float[FeatureInput.Hours];
    private readonly float[] _powerResidual = new float[FeatureInput.Hours];
    private readonly float[] _throttled = new float[FeatureInput.Hours];
    private FeatureInput _input = new();

    public FeatureInput Input => _input;
    public AssetFacts Facts => _input.Facts;

    /// <summary>SM clock of hours with work, in MHz.</summary>
    public ReadOnlySpan<float> BusyClock => _busyClock;

    /// <summary>SM activity per utilization of hours with work.</summary>
    public ReadOnlySpan<float> ActivityPerLoad => _activityPerLoad;

    /// <summary>Temperature per power of hours with work.</summary>
    public ReadOnlySpan<float> CelsiusPerWatt => _celsiusPerWatt;

    /// <summary>SM activity per kilowatt of hours with work.</summary>
    public ReadOnlySpan<float> ActivityPerKilowatt => _activityPerKilowatt;

    /// <summary>Temperature over what the line of the days before the last one gives for the power.</summary>
    public ReadOnlySpan<float> TempResidual => _tempResidual;

    /// <summary>Power over what the line of the days before the last one gives for the SM activity.</summary>
    public ReadOnlySpan<float> PowerResidual => _powerResidual;

    /// <summary>Seconds with thermal or power-brake bits.</summary>
    public ReadOnlySpan<float> Throttled => _throttled;

    public Trend TempTrend { get; private set; }
    public Trend ResistanceTrend { get; private set; }
    public Trend SbeTrend { get; private set; }
    public Trend CrcTrend { get; private set; }
    public Trend ReplayTrend { get; private set; }
    public Trend ClockTrend { get; private set; }
    public Trend PowerVariationTrend { get; private set; }
    public (double Min, double Max) SmoothedTemp { get; private set; }
    public LeastSquares TempOfPower { get; private set; }

    /// <summary>Seven days of an hourly value.</summary>
    public ReadOnlySpan<float> Week(HourlyValue value) => _input[value];

    /// <summary>The last 24 hours of an hourly value.</summary>
    public ReadOnlySpan<float> LastDay(HourlyValue value) => LastDay(Week(value));

    /// <summary>The last 24 hours of a series.</summary>
    public static ReadOnlySpan<float> LastDay(ReadOnlySpan<float> week) => week[Before..];

    /// <summary>The six days before the last 24 hours of a series.</summary>
    public static ReadOnlySpan<float> DaysBefore(ReadOnlySpan<float> week) => week[..Before];

    /// <summary>Newest value of a metric.</summary>
    public double Now(Metric metric) => _input[metric];

    /// <summary>
    /// Mean per hour of the last 24 hours relative to that of the six days before, on a logarithmic scale with 1 added to both; 0 is no
    /// change.
    /// </summary>
    public double Growth(HourlyValue value)
    {
        var (now, before) = (Series.Mean(LastDay(value)), Series.Mean(DaysBefore(Week(value))));
        return Math.Log((1 + now) / (1 + before));
    }

    /// <summary>Hours since the last hour with a value above 0; NaN if there is none.</summary>
    public double HoursSince(HourlyValue value)
    {
        var hours = Week(value);
        for (var i = hours.Length - 1; i >= 0; i--)
        {
            if (hours[i] > 0)
            {
                return hours.Length - i;
            }
        }

        return double.NaN;
    }

    /// <summary>Hours with a value above 0.</summary>
    public double HoursWith(HourlyValue value) => HoursAbove(Week(value));

    public static double HoursAbove(ReadOnlySpan<float> hours)
    {
        var (above, count) = (0, 0);
        foreach (var hour in hours)
        {
            above += hour > 0 ? 1 : 0;
            count += float.IsNaN(hour) ? 0 : 1;
        }

        return count == 0 ? double.NaN : above;
    }

    /// <summary>Banks that have used a share of their spare rows.</summary>
    /// <param name="none">1 to count banks without a spare row, else 0; likewise for the others.</param>
    /// <param name="low">Banks with six or seven spare rows used.</param>
    /// <param name="partial">Banks with two to five.</param>
    /// <param name="high">Banks with one.</param>
    public double Banks(int none, int low = 0, int partial = 0, int high = 0) =>
        (none * Now(Metric.BankRemapAvailNone))
        + (low * Now(Metric.BankRemapAvailLow))
        + (partial * Now(Metric.BankRemapAvailPartial))
        + (high * Now(Metric.BankRemapAvailHigh));

    public void Read(FeatureInput input)
    {
        _input = input;
        var temp = input[HourlyValue.GpuTempMean];
        var power = input[HourlyValue.PowerMean];
        var load = input[HourlyValue.UtilizationMean];
        var activity = input[HourlyValue.SmActiveMean];
        var clock = input[HourlyValue.SmClockMean];
        var sw = input[HourlyValue.SwThermalSeconds];
        var hw = input[HourlyValue.HwThermalSeconds];
        var brake = input[HourlyValue.PowerBrakeSeconds];
        Series.Interpolate(temp, _temp);
        TempOfPower = LeastSquares.Of(DaysBefore(power), DaysBefore(temp));
        var powerOfActivity = LeastSquares.Of(DaysBefore(activity), DaysBefore(power));
        for (var i = 0; i < FeatureInput.Hours; i++)
        {
            var isBusy = load[i] >= BusyPercent;
            _busyClock[i] = isBusy ? clock[i] : float.NaN;
            _activityPerLoad[i] = isBusy ? activity[i] / load[i] * 100 : float.NaN;
            _celsiusPerWatt[i] = isBusy && power[i] > 0 ? temp[i] / power[i] : float.NaN;
            _activityPerKilowatt[i] = isBusy && power[i] > 0 ? activity[i] / power[i] * 1000 : float.NaN;
            _tempResidual[i] = (float)TempOfPower.Residual(power[i], temp[i]);
            _powerResidual[i] = (float)powerOfActivity.Residual(activity[i], power[i]);
            _throttled[i] = sw[i] + hw[i] + brake[i];
        }

        TempTrend = Trend.Of(_temp);
        ResistanceTrend = Trend.Of(_celsiusPerWatt);
        SbeTrend = Trend.Of(input[HourlyValue.SbeErrors]);
        CrcTrend = Trend.Of(input[HourlyValue.NvlinkCrcErrors]);
        ReplayTrend = Trend.Of(input[HourlyValue.PcieReplays]);
        ClockTrend = Trend.Of(_busyClock);
        PowerVariationTrend = Trend.Of(input[HourlyValue.PowerDeviation]);
        SmoothedTemp = Series.SmoothedRange(_temp);
    }
}
