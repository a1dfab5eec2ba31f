using GpuActors.Core.Features;

namespace GpuActors.Core.Tests.Features;

/// <summary>
/// Statistics of features against values of SciPy 1.10 and NumPy 1.24 for the same series (<c>linregress</c>, <c>savgol_filter</c>,
/// <c>quantile</c>, <c>var</c>, <c>t.sf</c>).
/// </summary>
public sealed class FeatureStatisticsTests
{
    private static readonly float[] Week =
    [
        .. Enumerable.Range(0, 168).Select(i => (float)(60 + (5 * Math.Sin(i * 0.7)) + (0.02 * i) + (3 * Math.Cos(i * i * 0.37)))),
    ];

    private static readonly float[] WithGaps = [.. Week.Select((value, i) => i % 5 == 0 ? float.NaN : value)];

    [Theory]
    [InlineData(168, 0.011961969891767794, 0.059283116912958254)]
    [InlineData(4, -0.5511402130126953, 0.6617857729949087)]
    [InlineData(3, 1.1196327209472656, 0.49656373426270706)]
    public void A_trend_has_the_slope_and_p_value_of_a_regression(int hours, double slope, double p)
    {
        var trend = Trend.Of(Week.AsSpan(0, hours));
        Assert.Equal(slope, trend.Slope, 1e-9);
        Assert.Equal(p, trend.PValue, 1e-9);
    }

    [Fact]
    public void A_trend_passes_over_missing_hours()
    {
        var trend = Trend.Of(WithGaps);
        Assert.Equal(0.009312807917524788, trend.Slope, 1e-9);
        Assert.Equal(0.179498602349016, trend.PValue, 1e-9);
    }

    [Fact]
    public void A_trend_needs_three_values_and_a_line_is_certain()
    {
        Assert.True(double.IsNaN(Trend.Of([1, 2]).Slope));
        Assert.Equal(new Trend(2, 0), Trend.Of([1, 3, 5, 7]));
        Assert.Equal(new Trend(0, 1), Trend.Of([4, 4, 4, 4]));
    }

    [Theory]
    [InlineData(0.5, 1, 0.7048327646991336)]
    [InlineData(2.0, 1, 0.2951672353008664)]
    [InlineData(1.5, 2, 0.27239312489100087)]
    [InlineData(-3.0, 3, 0.05766888562243731)]
    [InlineData(2.1, 4, 0.10365328631760218)]
    [InlineData(1.9, 9, 0.08988808901626869)]
    [InlineData(4.5, 30, 9.519359392112457e-05)]
    [InlineData(-2.6, 166, 0.010162876551051967)]
    [InlineData(6.0, 166, 1.2004947080703999e-08)]
    public void Two_sided_probabilities_of_Students_t(double t, int freedom, double p) =>
        Assert.Equal(p, StudentT.TwoSided(t, freedom), 1e-14);

    [Fact]
    public void Quantiles_and_variances()
    {
        Assert.Equal(55.831262016296385, Series.Quantile(Week, 0.05), 1e-9);
        Assert.Equal(68.61078872680665, Series.Quantile(Week, 0.95), 1e-9);
        Assert.Equal(68.5738426208496, Series.Quantile(WithGaps, 0.95), 1e-9);
        Assert.Equal(15.825771176159659, Series.Variance(Week), 1e-9);
        Assert.Equal(14.89958354982006, Series.Variance(WithGaps), 1e-9);
        Assert.Equal(61.69487594490621, Series.Mean(WithGaps), 1e-9);
    }

    [Fact]
    public void A_smoothed_series_has_the_range_of_a_Savitzky_Golay_filter()
    {
        var (min, max) = Series.SmoothedRange(Week);
        Assert.Equal(57.47361668228842, min, 1e-9);
        Assert.Equal(67.35625036279659, max, 1e-9);
        Assert.True(double.IsNaN(Series.SmoothedRange(WithGaps).Max));
    }

    [Fact]
    public void Short_gaps_are_filled_by_a_line_and_longer_ones_are_not()
    {
        const float N = float.NaN;
        var into = new float[12];
        Series.Interpolate([N, 1, N, N, N, 5, N, N, N, N, 2, N], into);
        Assert.Equal([N, 1, 2, 3, 4, 5, N, N, N, N, 2, N], into);
    }

    [Fact]
    public void Nothing_has_statistics_of_nothing()
    {
        float[] nothing = [float.NaN, float.NaN];
        Assert.All(
            [
                Series.Mean(nothing),
                Series.Sum(nothing),
                Series.Max(nothing),
                Series.Min(nothing),
                Series.Variance(nothing),
                Series.Quantile(nothing, 0.5),
            ],
            value => Assert.True(double.IsNaN(value))
        );
    }
}
