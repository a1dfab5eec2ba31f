using BenchmarkDotNet.Attributes;
using GpuActors.Core.Metrics;
using GpuActors.Core.Windows;

namespace GpuActors.Benchmarks;

/// <summary>The rolling windows of one GPU with a week of values, one a second.</summary>
[MemoryDiagnoser]
public class WindowBenchmarks
{
    private const int WeekSeconds = 7 * 86_400;
    private readonly MetricWindows _windows = new();
    private long _nowMs = BenchmarkSamples.NoonMs;

    /// <summary>A week of one metric.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (var second = 0; second < WeekSeconds; second++)
        {
            Add();
        }
    }

    /// <summary>The next value of one metric.</summary>
    [Benchmark]
    public void Add()
    {
        _nowMs += 1000;
        _windows.Add(Metric.GpuTemp, _nowMs, 60 + (_nowMs / 1000 % 10));
    }

    /// <summary>Statistics of the last five minutes.</summary>
    [Benchmark]
    public Bucket LastFiveMinutes() => _windows.LastMinutes(Metric.GpuTemp, 5, _nowMs);

    /// <summary>Statistics of the last week.</summary>
    [Benchmark]
    public Bucket LastWeek() => _windows.LastHours(Metric.GpuTemp, 168, _nowMs);
}
