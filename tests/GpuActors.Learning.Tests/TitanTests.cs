using GpuActors.Learning.Histories;
using GpuActors.Learning.Training;
using GpuActors.Testing;
using Xunit.Abstractions;

namespace GpuActors.Learning.Tests;

/// <summary>
/// Lives and failures of the GPUs of Titan (Ostrouchov et al., GPU Lifetimes on Titan Supercomputer, SC 2020), by the protocol
/// that was published with the figures to compare with: cuts every 14 days, trained on what was known on 2017-10-01, tested on the cuts
/// from then on.
/// </summary>
public sealed class TitanTests(ITestOutputHelper output)
{
    private const long Day = 86_400_000;
    private static readonly (double Roc, double Pr, double Ece)[] Published =
    [
        (0.814, 0.0241, 0.0003),
        (0.812, 0.0295, 0.0011),
        (0.778, 0.0397, 0.0062),
    ];

    [SkippableFact]
    public void Real_failures_are_predicted_at_least_as_well_as_published()
    {
        ServerRequirement.Require(LightGbmBooster.Problem);
        var folder = Environment.GetEnvironmentVariable("GPUACTORS_TITAN");
        Skip.If(string.IsNullOrEmpty(folder), "GPUACTORS_TITAN is not set: it names the folder of gpu-lifetimes.csv");
        var (split, end) = (Time(2017, 10, 1), Time(2019, 8, 1));
        using var reader = new StreamReader(Path.Combine(folder!, "gpu-lifetimes.csv"));
        var file = HistoryFile.Read(
            reader,
            HistoryColumns.Parse(["gpu=SN", "inserted=insert", "removed=remove"]),
            TimeZoneInfo.FindSystemTimeZoneById("America/New_York"),
            end
        );
        Assert.Empty(file.Errors);
        var gpus = GpuHistory.Of(file.Spans);
        Assert.Equal((30_207, 6_367), (gpus.Count, gpus.Sum(gpu => gpu.Failures.Count)));

        var cuts = Enumerable.Range(0, 127).Select(i => Time(2014, 7, 1) + i * 14 * Day).TakeWhile(cut => cut <= Time(2019, 5, 1));
        var table = HistoryTable.Build(gpus, cuts, end);
        var settings = HistoryTable.Settings(RemovalTreatment.NoFailure);
        using var model = HorizonTrainer.Train(table, split, settings, null, default);
        var evaluation = HorizonEvaluation.Of(model, table, split, end, RemovalTreatment.NoFailure);

        // The figures were published with four and fewer digits, so half of the last digit is allowed.
        foreach (var (horizon, published) in evaluation.Zip(Published))
        {
            output.WriteLine($"{horizon.Days} d, mean prediction {horizon.MeanPrediction:F5}: {horizon.Model}");
            Assert.True(horizon.Model.RocAuc >= published.Roc, $"{horizon.Days} d: ROC-AUC {horizon.Model.RocAuc}");
            Assert.True(horizon.Model.PrAuc >= published.Pr, $"{horizon.Days} d: PR-AUC {horizon.Model.PrAuc}");
            Assert.True(
                horizon.Model.CalibrationError < published.Ece + 0.00005,
                $"{horizon.Days} d: ECE {horizon.Model.CalibrationError}"
            );
        }
    }

    private static long Time(int year, int month, int day) =>
        new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
