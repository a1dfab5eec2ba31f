using BenchmarkDotNet.Attributes;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;

namespace GpuActors.Benchmarks;

/// <summary>One sample with all metrics, applied to the state of a GPU half an hour old; no rule fires.</summary>
[MemoryDiagnoser]
public class RuleBenchmarks
{
    private readonly RuleSettings _rules = new();
    private readonly List<AlertTransition> _transitions = [];
    private GpuSample _sample = null!;
    private GpuState _state = null!;

    /// <summary>Half an hour of samples.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _sample = BenchmarkSamples.Full(new GpuRegistry());
        _state = new GpuState(_sample.Gpu.Id);
        for (var second = 0; second < 1800; second++)
        {
            Apply();
        }
    }

    /// <summary>Windows and all rules.</summary>
    [Benchmark]
    public bool Apply()
    {
        _sample.Offset++;
        _sample.TimeMs = BenchmarkSamples.NoonMs + (_sample.Offset % 1800 * 1000);
        return _state.Apply(_sample, _rules, _transitions);
    }
}
