using System.CommandLine;
using System.Globalization;
using System.Text;
using GpuActors.Host.Cli;
using GpuActors.Prediction;
using Spectre.Console;

namespace GpuActors.Host.Models;

/// <summary><c>gpuactors model predict</c>: scores a table.</summary>
internal static class PredictTable
{
    private const int Batch = 4096;
    private const int ShownLines = 10;

    public static Command Create(Terminal terminal)
    {
        var model = ModelCommand.File("MODEL");
        var input = new Argument<string>("INPUT")
        {
            Description = "CSV file with a header: columns by the model's feature names, or in its order if it has none; empty is missing",
        };
        var output = new Option<string>("--output")
        {
            Description = "CSV file to write: margin and prediction per row, with _0, _1 … per class or target",
            HelpName = "FILE",
            Required = true,
        };
        var skip = new Option<bool>("--skip-bad")
        {
            Description = "Leaves bad lines out and counts them; the output then has each row's line in a first column",
        };
        var command = new Command("predict", "Scores the rows of a CSV file") { model, input, output, skip };
        command.SetAction(
            (parse, stop) =>
            {
                CommonOptions.Load(parse, terminal);
                var code = Run(
                    terminal,
                    parse.GetRequiredValue(model),
                    parse.GetRequiredValue(input),
                    parse.GetRequiredValue(output),
                    parse.GetValue(skip),
                    stop
                );
                return Task.FromResult(code);
            }
        );
        return command;
    }

    private static int Run(Terminal terminal, string model, string input, string output, bool skip, CancellationToken stop)
    {
        var file = ModelFile.Read(model);
        using var scorer = ModelFile.Named(model, () => OnnxScorer.Load(file.Onnx));
        var table = ModelFile.Named(
            input,
            () =>
            {
                using var reader = new StreamReader(input);
                return FeatureTable.Read(reader, scorer.FeatureCount, scorer.FeatureNames);
            }
        );
        foreach (var line in table.Bad.Take(ShownLines))
        {
            terminal.Notice($"[yellow]bad:[/] {input.EscapeMarkup()}, {line.EscapeMarkup()}");
        }

        if (table.Bad.Count > 0 && !skip)
        {
            throw new InvalidDataException(
                $"{input}: {Lines(table.Bad.Count)} cannot be read, nothing is written: mend them, or leave them out with --skip-bad"
            );
        }

        if (table.Ignored.Count > 0)
        {
            terminal.Notice($"Columns that the model does not use: {string.Join(", ", table.Ignored)}".EscapeMarkup());
        }

        ModelFile.Named(
            model,
            () =>
            {
                ModelFile.Write(output, stream => Write(stream, scorer, table, skip, stop));
                return true;
            }
        );
        terminal.Line(
            $"{table.Lines.Count} rows are scored in {output}{(skip ? $"; {Lines(table.Bad.Count)} left out" : "")}.".EscapeMarkup()
        );
        return ExitCode.Success;
    }

    private static void Write(Stream stream, OnnxScorer scorer, FeatureTable table, bool withLine, CancellationToken stop)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" };
        var features = scorer.FeatureCount;
        writer.WriteLine(string.Join(',', Header(withLine, scorer.HasMargin, scorer.ScoresPerRow)));
        for (var first = 0; first < table.Lines.Count; first += Batch)
        {
            stop.ThrowIfCancellationRequested();
            var count = Math.Min(Batch, table.Lines.Count - first);
            var (margins, scores) = scorer.ScoreWithMargins(table.Rows.AsSpan(first * features, count * features).ToArray());
            var targets = scores.Length / count;
            if (targets != scorer.ScoresPerRow)
            {
                throw new InvalidDataException($"The model gives {targets} scores per row: it declares {scorer.ScoresPerRow}");
            }

            for (var row = 0; row < count; row++)
            {
                IEnumerable<string> fields =
                [
                    .. withLine ? [table.Lines[first + row].ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
                    .. Texts(margins, row, targets),
                    .. Texts(scores, row, targets),
                ];
                writer.WriteLine(string.Join(',', fields));
            }
        }
    }

    private static IEnumerable<string> Header(bool withLine, bool withMargin, int targets)
    {
        string[] columns = [.. withMargin ? ["margin"] : Array.Empty<string>(), "prediction"];
        return
        [
            .. withLine ? ["line"] : Array.Empty<string>(),
            .. targets == 1 ? columns : columns.SelectMany(c => Enumerable.Range(0, targets).Select(t => $"{c}_{t}")),
        ];
    }

    private static IEnumerable<string> Texts(float[]? values, int row, int targets) =>
        values is null ? [] : Enumerable.Range(row * targets, targets).Select(i => values[i].ToString("R", CultureInfo.InvariantCulture));

    private static string Lines(int count) => count == 1 ? "1 line" : $"{count} lines";
}
