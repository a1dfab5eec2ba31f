using BenchmarkDotNet.Attributes;
using GpuActors.Core.Features;
using GpuActors.Simulation.Failures;

namespace GpuActors.Benchmarks;

/// <summary>The features of one GPU with seven days of history, and the comparison of the eight GPUs of a host.</summary>
[MemoryDiagnoser]
public class FeatureBenchmarks
{
    private const int Gpus = 8;
    private readonly FeatureExtractor _extractor = new();
    private readonly FeatureInput _input = new();
    private readonly float[] _host = new float[Gpus * FeatureExtractor.Count];

    /// <summary>A simulated host.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var simulator = new LifeSimulator(new LifeSettings { Gpus = Gpus, Hours = 400 });
        var features = new LifeFeatures(simulator);
        for (var gpu = 0; gpu < Gpus; gpu++)
        {
            features.Fill(simulator.Lives(gpu)[0], 400, _input);
            _extractor.Extract(_input, _host.AsSpan(gpu * FeatureExtractor.Count, FeatureExtractor.Count));
        }
    }

    /// <summary>One vector.</summary>
    [Benchmark]
    public void Extract() => _extractor.Extract(_input, _host.AsSpan(0, FeatureExtractor.Count));

    /// <summary>The features that compare the GPUs of a host.</summary>
    [Benchmark]
    public void Compare() => _extractor.Compare(_host);
}
