using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuActors.Core.Histories;
using GpuActors.Host.Cli;
using GpuActors.Host.Histories;
using GpuActors.Learning.Histories;
using GpuActors.Learning.Reports;
using GpuActors.Learning.Training;
using GpuActors.Storage;
using Spectre.Console;

namespace GpuActors.Host.Training;

/// <summary><c>gpuactors train history</c>: trains a model from a life and repair log, where there is no telemetry yet.</summary>
internal static class TrainHistoryCommand
{
    private const long DayMs = 86_400_000;

    public static Command Create(Terminal terminal)
    {
        var options = new Options();
        var command = new Command(
            "history",
            "Trains a model from the lives and failures of GPUs: a CSV file, or what was imported into the database"
        )
        {
            options.Input.OptionalFile,
        };
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        command.SetAction(
            async (parse, stop) =>
            {
                var settings = CommonOptions.Load(parse, terminal);
                return await RunAsync(terminal, settings.Storage, parse, options, stop).ConfigureAwait(false);
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal,
        StorageSettings storage,
        ParseResult parse,
        Options options,
        CancellationToken stop
    )
    {
        var path = parse.GetValue(options.Input.OptionalFile);
        var output = parse.GetRequiredValue(options.Output);
        var observedUntil = options.Input.ObservedUntil(parse);
        var spans = path is null
            ? await FromDatabaseAsync(storage, stop).ConfigureAwait(false)
            : options.Input.Read(terminal, parse, path, "nothing was trained").Spans;
        var source = path is null ? "the database" : Path.GetFileName(path);
        var gpus = GpuHistory.Of(spans);
        if (gpus.All(gpu => gpu.Spans.Count == 0))
        {
            throw new InvalidDataException($"{source}: nothing says when a GPU was inserted");
        }

        var end = observedUntil ?? spans.Max(span => Math.Max(span.InsertedMs ?? 0, span.RemovedMs ?? 0));
        var first =
            HistoryInput.Date(parse.GetValue(options.FirstCut), "--first-cut")
            ?? gpus.SelectMany(g => g.Spans).Min(s => s.InsertedMs!.Value);
        var last = HistoryInput.Date(parse.GetValue(options.LastCut), "--last-cut") ?? end;
        var testFrom = HistoryInput.Date(parse.GetValue(options.TestFrom), "--test-from") ?? first + (long)((end - first) * 0.7);
        var everyMs = parse.GetValue(options.CutEvery) * DayMs;
        var cuts = new List<long>();
        for (var cut = first; cut <= last; cut += everyMs)
        {
            cuts.Add(cut);
        }

        var table = HistoryTable.Build(gpus, cuts, end);
        var removals = parse.GetValue(options.RemovalsAreNoFailures) ? RemovalTreatment.NoFailure : RemovalTreatment.LeavesRiskSet;
        var settings = HistoryTable.Settings(removals);
        settings = settings with
        {
            Booster = settings.Booster with { Seed = parse.GetValue(options.Seed), Threads = Environment.ProcessorCount },
        };
        terminal.Notice($"{gpus.Count} GPUs, {gpus.Sum(g => g.Failures.Count)} failures, {cuts.Count} cuts, {table.Rows} rows");
        var clock = Stopwatch.StartNew();
        using var model = ProgressBars.Show(
            terminal.OutIsTerminal && !parse.GetValue(options.Json),
            add =>
            {
                var parts = Horizons.Days.Select(days => add($"{days} d", settings.Booster.Trees)).ToArray();
                return HorizonTrainer.Train(table, testFrom, settings, (part, trees) => parts[part](trees), stop);
            }
        );
        var evaluation = HorizonEvaluation.Of(model, table, testFrom, end, removals);
        var facts = Facts(source, gpus, table, testFrom, settings);
        File.WriteAllBytes(output, HorizonOnnx.Write(model, facts.ToDictionary(f => f.Key, f => f.Text, StringComparer.Ordinal)));
        if (parse.GetValue(options.Report) is { } report)
        {
            File.WriteAllText(
                report,
                TrainingReport.Html("Failures from history", facts, evaluation, FeatureImportance.Of(model)),
                Encoding.UTF8
            );
        }

        if (parse.GetValue(options.Json))
        {
            JsonOutput.Write(
                terminal,
                evaluation.Select(e => new
                {
                    e.Days,
                    e.MeanPrediction,
                    e.Model,
                })
            );
            return ExitCode.Success;
        }

        terminal.Line("horizon     rows  failures  base rate  predicted  ROC-AUC  PR-AUC  lift 1%      ECE");
        foreach (var e in evaluation)
        {
            var m = e.Model;
            terminal.Line(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{e.Days, 5} d {m.Rows, 10} {m.Positives, 9} {m.BaseRate, 10:F5} {e.MeanPrediction, 10:F5} {m.RocAuc, 8:F3} "
                ) + string.Create(CultureInfo.InvariantCulture, $"{m.PrAuc, 7:F4} {m.LiftTopPercent, 8:F1} {m.CalibrationError, 8:F5}")
            );
        }

        terminal.Line(
            string.Create(CultureInfo.InvariantCulture, $"{output} is written after {clock.Elapsed.TotalSeconds:F0} s.").EscapeMarkup()
        );
        return ExitCode.Success;
    }

    private static async Task<IReadOnlyList<LifeSpan>> FromDatabaseAsync(StorageSettings storage, CancellationToken stop)
    {
        var store = await AssetDatabase.OpenAsync(storage, stop).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            var spans = await store.ReadHistoryAsync(stop).ConfigureAwait(false);
            return spans.Count > 0
                ? spans
                : throw new InvalidDataException("the database has no history: name a FILE, or run gpuactors import history FILE first");
        }
    }

    private static List<(string Key, string Text)> Facts(
        string source,
        IReadOnlyList<GpuHistory> gpus,
        TrainingTable table,
        long testFrom,
        HorizonTrainingSettings settings
    ) =>
        [
            ("trained_from", $"history of lives and failures, {source}: no telemetry"),
            ("gpus", gpus.Count.ToString(CultureInfo.InvariantCulture)),
            ("failures", gpus.Sum(g => g.Failures.Count).ToString(CultureInfo.InvariantCulture)),
            ("rows", table.Rows.ToString(CultureInfo.InvariantCulture)),
            (
                "outcomes_known_until",
                DateTimeOffset.FromUnixTimeMilliseconds(testFrom).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            ),
            ("removed_gpus", settings.Removals == RemovalTreatment.NoFailure ? "count as not failed" : "leave the risk set"),
            ("settings", string.Create(CultureInfo.InvariantCulture, $"{settings.Booster.Trees} trees, {settings.Booster.Parameters()}")),
        ];

    private sealed class Options
    {
        public HistoryInput Input { get; } = new();

        public Option<string> Output { get; } =
            new("--output")
            {
                Description = "ONNX file to write",
                HelpName = "FILE",
                Required = true,
            };

        public Option<string?> Report { get; } = new("--report") { Description = "HTML report to write", HelpName = "FILE" };

        public Option<string?> FirstCut { get; } =
            new("--first-cut") { Description = "First time at which GPUs are looked at (default: first insertion)", HelpName = "DATE" };

        public Option<string?> LastCut { get; } = new("--last-cut") { Description = "Last such time (default: end)", HelpName = "DATE" };

        public Option<int> CutEvery { get; } =
            new("--cut-every")
            {
                Description = "Days from one such time to the next",
                HelpName = "DAYS",
                DefaultValueFactory = _ => 14,
            };

        public Option<string?> TestFrom { get; } =
            new("--test-from")
            {
                Description =
                    "The model knows nothing of what happens then or later, and is evaluated on it (default: after 70% of the time)",
                HelpName = "DATE",
            };

        public Option<bool> RemovalsAreNoFailures { get; } =
            new("--removals-are-no-failures")
            {
                Description =
                    "Counts a GPU that is removed without an event as not failed; without it, its outcome is unknown from then on",
            };

        public Option<int> Seed { get; } =
            new("--seed")
            {
                Description = "The same seed and file give the same model to the byte",
                HelpName = "N",
                DefaultValueFactory = _ => 42,
            };

        public Option<bool> Json { get; } = CommonOptions.Json();

        public IEnumerable<Option> All =>
            [Output, Report, .. Input.Options, FirstCut, LastCut, CutEvery, TestFrom, RemovalsAreNoFailures, Seed, Json];
    }
}
