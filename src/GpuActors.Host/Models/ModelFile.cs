using System.Text;
using GpuActors.Learning.Onnx;
using GpuActors.Learning.Trees;

namespace GpuActors.Host.Models;

/// <summary>A model that was read from a file: ONNX, or trees of XGBoost (JSON, UBJSON) or LightGBM (text).</summary>
/// <param name="Kind">Format of the file, as it is shown.</param>
/// <param name="Onnx">The model as ONNX, with its scaler.</param>
/// <param name="Trees">The trees; null for an ONNX file.</param>
internal sealed record ModelFile(string Kind, byte[] Onnx, TreeEnsemble? Trees)
{
    /// <summary>Reads a model. The content says its format, not the name of the file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="scaler">Path of the JSON of a scaler that becomes part of the model; null for none.</param>
    /// <param name="allRounds">Whether rounds after XGBoost's <c>best_iteration</c> count.</param>
    /// <exception cref="InvalidDataException">A file cannot be used; the message names it.</exception>
    public static ModelFile Read(string path, string? scaler = null, bool allRounds = false)
    {
        var file = File.ReadAllBytes(path);
        var step = scaler is null ? null : Named(scaler, () => FeatureScaler.Parse(File.ReadAllText(scaler)));
        return Named(
            path,
            () =>
            {
                switch (file)
                {
                    case []:
                        throw new InvalidDataException("The file is empty");
                    case [(byte)'t', (byte)'r', (byte)'e', (byte)'e', (byte)'\n' or (byte)'\r', ..]:
                        return Of("LightGBM text", LightGbmText.Read(Encoding.UTF8.GetString(file)));
                    case [(byte)'{', ..] or [(byte)'b', (byte)'i', (byte)'n', (byte)'f', ..]:
                        return Of("XGBoost", XgboostModel.Read(file, allRounds));
                    default:
                        return step is null
                            ? new ModelFile("ONNX", file, null)
                            : throw new InvalidDataException(
                                "A scaler can be given to trees of XGBoost and LightGBM: an ONNX model must have its own"
                            );
                }
            }
        );

        ModelFile Of(string kind, TreeEnsemble trees) => new(kind, TreeModel.Write(trees, step), trees);
    }

    /// <summary>Runs a step on a file's content and names the file in its error.</summary>
    public static T Named<T>(string path, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Writes a file so that it is there whole or not at all.</summary>
    public static void Write(string path, Action<Stream> content)
    {
        var part = path + ".part";
        try
        {
            using (var stream = File.Create(part))
            {
                content(stream);
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
