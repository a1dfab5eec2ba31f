using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuActors.Core.Features;
using GpuActors.Host.Cli;
using GpuActors.Learning.Evaluation;
using GpuActors.Learning.Reports;
using GpuActors.Learning.Training;
using GpuActors.Simulation.Failures;
using Spectre.Console;

namespace GpuActors.Host.Training;

/// <summary>
/// <c>gpuactors train simulation</c>: trains a model on a simulated fleet and measures it on another one, beside what nobody could know
/// better.
/// </summary>
internal static class TrainSimulationCommand
{
    // Enough history for all windows.
    private const int FirstDay = 8;
    private const int HoursPerMonth = 730;

    // Of GPUs without a sign of decay, one row of so many is enough.
    private const int RowsPerQuietRow = 50;
    private const int TrainEveryDays = 2;
    private const int TestEveryDays = 7;

    /// <summary>Thresholds of which the report says what a warning is worth.</summary>
    private static readonly double[] Thresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

    public static Command Create(Terminal terminal)
    {
        var options = new Options();
        var command = new Command("simulation", "Trains a model on the telemetry of a simulated fleet");
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        command.SetAction(
            (parse, stop) =>
            {
                CommonOptions.Load(parse, terminal);
                return Task.FromResult(Run(terminal, parse, options, stop));
            }
        );
        return command;
    }

    private static int Run(Terminal terminal, ParseResult parse, Options options, CancellationToken stop)
    {
        var seed = parse.GetValue(options.Seed);
        var fleet = new LifeSettings { Hours = parse.GetValue(options.Months) * HoursPerMonth };
        var training = fleet with { Gpus = parse.GetValue(options.Gpus), Seed = seed };
        var testing = fleet with { Gpus = parse.GetValue(options.TestGpus), Seed = seed + 1 };
        foreach (var error in training.Validate().Concat(testing.Validate()))
        {
            throw new ArgumentException(error);
        }

        var settings = Settings(seed, parse.GetValue(options.Trees));
        var clock = Stopwatch.StartNew();
        var (train, trained, test) = ProgressBars.Show(
            terminal.OutIsTerminal && !parse.GetValue(options.Json),
            add =>
            {
                var simulated = add("fleet to learn from", 1);
                var parts = Horizons.Days.Select(days => add($"{days} d", settings.Booster.Trees)).ToArray();
                var tested = add("fleet to judge by", 1);
                var train = SimulatedFleet.Simulate(training, FirstDay, TrainEveryDays, RowsPerQuietRow, false, simulated, stop);
                terminal.Notice($"{training.Gpus} GPUs to learn from: {train.Failures} failures, {train.Table.Rows} rows");
                var model = HorizonTrainer.Train(train.Table, train.EndMs, settings, (part, trees) => parts[part](trees), stop);
                var test = SimulatedFleet.Simulate(testing, FirstDay, TestEveryDays, 1, true, tested, stop);
                terminal.Notice($"{testing.Gpus} other GPUs to judge by: {test.Failures} failures, {test.Table.Rows} rows");
                return (train, model, test);
            }
        );
        using var model = trained;
        var oracle = new OracleComparison(model, test, settings.Removals);
        var warnings = Thresholds.Select(oracle.Warnings).ToList();
        var facts = Facts(training, testing, train, test, settings);
        var output = parse.GetRequiredValue(options.Output);
        File.WriteAllBytes(output, HorizonOnnx.Write(model, facts.ToDictionary(f => f.Key, f => f.Text, StringComparer.Ordinal)));
        if (parse.GetValue(options.Report) is { } report)
        {
            File.WriteAllText(
                report,
                TrainingReport.Html(
                    "Failures of a simulated fleet",
                    facts,
                    oracle.Evaluation,
                    FeatureImportance.Of(model),
                    [oracle.Table(), oracle.ModeTable(), OracleComparison.WarningTable(warnings)]
                ),
                Encoding.UTF8
            );
        }

        if (parse.GetValue(options.Json))
        {
            JsonOutput.Write(
                terminal,
                new
                {
                    simulated = true,
                    seed,
                    horizons = oracle.Evaluation.Select(
                        (e, i) =>
                            new
                            {
                                e.Days,
                                e.MeanPrediction,
                                e.Model,
                                Oracle = oracle.Horizons[i].Oracle,
                                PrAucRatio = oracle.Horizons[i].Ratio,
                            }
                    ),
                    warnings = warnings.Select(w => new
                    {
                        w.Threshold,
                        w.Warnings,
                        w.TrueWarnings,
                        w.Failures,
                        w.Warned,
                        Precision = Known(w.Precision),
                        Recall = Known(w.Recall),
                        MedianLeadDays = Known(w.MedianLeadDays),
                    }),
                }
            );
            return ExitCode.Success;
        }

        Print(terminal, oracle, warnings);
        terminal.Line(
            string.Create(CultureInfo.InvariantCulture, $"{output} is written after {clock.Elapsed.TotalSeconds:F0} s.").EscapeMarkup()
        );
        return ExitCode.Success;
    }

    // JSON has no NaN.
    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    /// <summary>Settings that were compared on fleets of other seeds than those of the figures.</summary>
    private static HorizonTrainingSettings Settings(int seed, int trees) =>
        new()
        {
            CalibrationCuts = int.MaxValue,
            Booster = new BoosterSettings
            {
                Trees = trees,
                Leaves = 15,
                LearningRate = 0.05,
                LeafRows = 50,
                Lambda = 1,
                FeatureShare = 0.3,
                MaxStep = 2,
                Seed = seed,
                Threads = Environment.ProcessorCount,
            },
        };

    private static List<(string Key, string Text)> Facts(
        LifeSettings training,
        LifeSettings testing,
        SimulatedFleet train,
        SimulatedFleet test,
        HorizonTrainingSettings settings
    ) =>
        [
            (
                "trained_from",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a simulated fleet: {training.Gpus} GPUs over {training.Hours / HoursPerMonth} months, seed {training.Seed}"
                )
            ),
            (
                "tested_on",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"another simulated fleet: {testing.Gpus} GPUs, seed {testing.Seed}, a row per GPU and week"
                )
            ),
            ("simulated", "true"),
            ("failures", string.Create(CultureInfo.InvariantCulture, $"{train.Failures} to learn from, {test.Failures} to judge by")),
            ("rows", string.Create(CultureInfo.InvariantCulture, $"{train.Table.Rows} to learn from, {test.Table.Rows} to judge by")),
            ("feature_set_version", FeatureCatalog.Version.ToString(CultureInfo.InvariantCulture)),
            ("feature_set_fingerprint", FeatureCatalog.Fingerprint),
            ("removed_gpus", "leave the risk set"),
            ("settings", string.Create(CultureInfo.InvariantCulture, $"{settings.Booster.Trees} trees, {settings.Booster.Parameters()}")),
        ];

    private static void Print(Terminal terminal, OracleComparison oracle, List<WarningEvaluation> warnings)
    {
        terminal.Line(
            "simulated     rows  failures  base rate  ROC-AUC   PR-AUC  oracle  ratio (95%)          ECE  slope  O/E 1%  O/E 10%  skill"
        );
        for (var i = 0; i < oracle.Evaluation.Count; i++)
        {
            var (e, m, o) = (oracle.Evaluation[i], oracle.Evaluation[i].Model, oracle.Horizons[i]);
            terminal.Line(
                string.Create(CultureInfo.InvariantCulture, $"{e.Days, 6} d {m.Rows, 11} {m.Positives, 9} {m.BaseRate, 10:F5} ")
                    + string.Create(CultureInfo.InvariantCulture, $"{m.RocAuc, 8:F3} {m.PrAuc, 8:F4} {o.Oracle.PrAuc, 7:F4}  ")
                    + string.Create(CultureInfo.InvariantCulture, $"{o.Ratio.Ratio:F3} ({o.Ratio.Low:F3}-{o.Ratio.High:F3}) ")
                    + string.Create(CultureInfo.InvariantCulture, $"{m.CalibrationError, 8:F5} {m.CalibrationSlope, 6:F2} ")
                    + string.Create(CultureInfo.InvariantCulture, $"{m.ObservedToExpectedTopPercent, 7:F2} ")
                    + string.Create(CultureInfo.InvariantCulture, $"{m.ObservedToExpectedTopTenth, 8:F2} {m.BrierSkill, 6:F3}")
            );
        }

        terminal.Line("warnings at a probability within 30 days of:  precision  recall of gradual failures  median lead");
        foreach (var w in warnings)
        {
            terminal.Line(
                string.Create(CultureInfo.InvariantCulture, $"{w.Threshold, 43:F1}  {w.Precision, 9:F3}  {w.Recall, 26:F3}  ")
                    + string.Create(CultureInfo.InvariantCulture, $"{w.MedianLeadDays, 8:F1} d")
            );
        }
    }

    private sealed class Options
    {
        public Option<string> Output { get; } =
            new("--output")
            {
                Description = "ONNX file to write",
                HelpName = "FILE",
                Required = true,
            };

        public Option<string?> Report { get; } = new("--report") { Description = "HTML report to write", HelpName = "FILE" };

        public Option<int> Gpus { get; } =
            new("--gpus")
            {
                Description = "GPUs to learn from; their time takes most of the work",
                HelpName = "N",
                DefaultValueFactory = _ => 40_000,
            };

        public Option<int> TestGpus { get; } =
            new("--test-gpus")
            {
                Description = "Other GPUs to judge the model by",
                HelpName = "N",
                DefaultValueFactory = _ => 10_000,
            };

        public Option<int> Months { get; } =
            new("--months")
            {
                Description = "Length of the simulation, at least 4: an outcome is known after 90 days",
                HelpName = "N",
                DefaultValueFactory = _ => 18,
            };

        public Option<int> Trees { get; } =
            new("--trees")
            {
                Description = "Trees of each part of the model",
                HelpName = "N",
                DefaultValueFactory = _ => 400,
            };

        public Option<int> Seed { get; } =
            new("--seed")
            {
                Description = "The same seed gives the same model to the byte; the fleet to judge by has the next one",
                HelpName = "N",
                DefaultValueFactory = _ => 1,
            };

        public Option<bool> Json { get; } = CommonOptions.Json();

        public IEnumerable<Option> All => [Output, Report, Gpus, TestGpus, Months, Trees, Seed, Json];
    }
}
