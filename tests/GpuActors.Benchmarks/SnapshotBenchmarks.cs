using BenchmarkDotNet.Attributes;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Benchmarks;

/// <summary>
/// The state of one GPU half an hour old, saved and loaded. <see cref="CheckpointBenchmark"/> measures whole checkpoints of older GPUs.
/// </summary>
[MemoryDiagnoser]
public class SnapshotBenchmarks
{
    private GpuState _state = null!;
    private GpuId _gpu;
    private byte[] _snapshot = [];

    /// <summary>Half an hour of samples.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var sample = BenchmarkSamples.Full(new GpuRegistry());
        _gpu = sample.Gpu.Id;
        _state = new GpuState(_gpu);
        for (var second = 0; second < 1800; second++)
        {
            sample.Offset = second;
            sample.TimeMs = BenchmarkSamples.NoonMs + (second * 1000);
            _ = _state.Apply(sample, new RuleSettings(), []);
        }

        _snapshot = _state.Save();
    }

    /// <summary>A checkpoint of the GPU.</summary>
    [Benchmark]
    public byte[] Save() => _state.Save();

    /// <summary>A GPU that starts from its checkpoint.</summary>
    [Benchmark]
    public GpuState Load() => GpuState.Load(_gpu, _snapshot);
}
