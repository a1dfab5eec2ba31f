using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Prediction;
using Spectre.Console;

namespace GpuActors.Host.Models;

/// <summary><c>gpuactors model</c>: converts, shows and applies models.</summary>
internal static class ModelCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("model", "Converts models of XGBoost and LightGBM to ONNX, shows them, and scores tables")
        {
            Import(terminal),
            Export(terminal),
            InspectModel.Create(terminal),
            PredictTable.Create(terminal),
        };
        command.SetAction(
            int (parse) =>
            {
                CommonOptions.Load(parse, terminal);
                throw new ConfigurationException("name what to do: gpuactors model import, export, inspect or predict");
            }
        );
        return command;
    }

    /// <summary>The argument that names the model.</summary>
    public static Argument<string> File(string name) =>
        new(name) { Description = "Model file: ONNX, XGBoost JSON or UBJSON (1.5 to 3.x), or LightGBM text" };

    private static Command Import(Terminal terminal)
    {
        var file = File("FILE");
        var output = new Option<string?>("--output")
        {
            Description = "ONNX file to write (default: FILE with the extension .onnx)",
            HelpName = "FILE",
        };
        var scaler = new Option<string?>("--scaler")
        {
            Description = "JSON with the lists 'mean' and 'scale' of a StandardScaler, which becomes the model's first step",
            HelpName = "FILE",
        };
        var allRounds = new Option<bool>("--all-rounds")
        {
            Description = "Takes all rounds of an XGBoost model that stopped early; without it those up to its best iteration",
        };
        var force = Force();
        var command = new Command("import", "Converts a model to ONNX") { file, output, scaler, allRounds, force };
        command.SetAction(parse =>
        {
            CommonOptions.Load(parse, terminal);
            var path = parse.GetRequiredValue(file);
            var model = ModelFile.Read(path, parse.GetValue(scaler), parse.GetValue(allRounds));
            return Write(terminal, path, model, parse.GetValue(output) ?? Path.ChangeExtension(path, ".onnx"), parse.GetValue(force));
        });
        return command;
    }

    private static Command Export(Terminal terminal)
    {
        var file = File("MODEL");
        var output = new Option<string>("--output")
        {
            Description = "ONNX file to write",
            HelpName = "FILE",
            Required = true,
        };
        var force = Force();
        var command = new Command("export", "Writes a model as an ONNX file") { file, output, force };
        command.SetAction(parse =>
        {
            CommonOptions.Load(parse, terminal);
            var path = parse.GetRequiredValue(file);
            return Write(terminal, path, ModelFile.Read(path), parse.GetRequiredValue(output), parse.GetValue(force));
        });
        return command;
    }

    private static Option<bool> Force() => new("--force") { Description = "Replaces the file that is to be written, if it exists" };

    private static int Write(Terminal terminal, string path, ModelFile model, string output, bool force)
    {
        if (System.IO.File.Exists(output) && !force)
        {
            throw new InvalidDataException($"{output} exists: name another file with --output, or replace it with --force");
        }

        // What is written has been loaded once: nobody finds out later that it cannot be.
        using var scorer = ModelFile.Named(path, () => OnnxScorer.Load(model.Onnx));
        ModelFile.Write(output, stream => stream.Write(model.Onnx));
        terminal.Line($"{path} ({model.Kind}, {scorer.FeatureCount} features) is written to {output}.".EscapeMarkup());
        return ExitCode.Success;
    }
}
