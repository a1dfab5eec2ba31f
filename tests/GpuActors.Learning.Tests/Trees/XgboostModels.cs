using System.Runtime.InteropServices;
using GpuActors.Testing;

namespace GpuActors.Learning.Tests.Trees;

/// <summary>Models that XGBoost trains for these tests, with what it predicts; once per run.</summary>
public sealed class XgboostModels : IDisposable
{
    private static readonly string[] None = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-xgboost-").FullName;

    public XgboostModels()
    {
        if (PythonInterpreter.With("xgboost") is not { } python)
        {
            Missing = "no Python imports xgboost: install python3-xgboost or set GPUACTORS_PYTHON";
            return;
        }

        var run = python.Run(Path.Combine(AppContext.BaseDirectory, "Trees", "xgboost_models.py"), _folder);
        Assert.True(run.Code == 0, run.Output);
        Rows = Floats("rows.bin");
    }

    /// <summary>Why there are no models, or null.</summary>
    public string? Missing { get; }

    /// <summary>10,000 rows of 8 features.</summary>
    public float[] Rows { get; } = [];

    /// <summary>Names of the models.</summary>
    public IReadOnlyList<string> Names => Missing is null ? File.ReadAllLines(Path.Combine(_folder, "models.txt")) : None;

    /// <summary>A model's file.</summary>
    public byte[] ModelFile(string name) => File.ReadAllBytes(Path.Combine(_folder, name));

    /// <summary>XGBoost's own results.</summary>
    public float[] Expected(string name, string kind) => Floats($"{name}.{kind}.bin");

    public void Dispose() => Directory.Delete(_folder, true);

    private float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(_folder, name))).ToArray();
}
