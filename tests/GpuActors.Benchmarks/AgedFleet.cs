using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Benchmarks;

/// <summary>The states of simulated GPUs that are sampled once a second.</summary>
/// <param name="gpus">Number of GPUs.</param>
/// <param name="startMs">Time of the first sample, Unix milliseconds.</param>
internal sealed class AgedFleet(int gpus, long startMs)
{
    private readonly SimulatedFleet _fleet = new(gpus, 1, startMs);
    private long _offset;
    private readonly GpuRegistry _registry = new();
    private readonly RuleSettings _rules = new();
    private readonly List<AlertTransition> _transitions = [];
    private readonly GpuSample _sample = new();
    private readonly Dictionary<GpuId, GpuState> _states = [];

    /// <summary>The states.</summary>
    public IReadOnlyDictionary<GpuId, GpuState> States => _states;

    /// <summary>Time of the next sample, Unix milliseconds.</summary>
    public long NowMs { get; private set; } = startMs;

    /// <summary>Applies the samples of all seconds before a time.</summary>
    public void RunTo(long endMs)
    {
        for (; NowMs < endMs; NowMs += 1000)
        {
            _ = _fleet.Read(NowMs, null, Apply);
        }
    }

    private void Apply(IReadOnlyList<SimulatedGpu> shown)
    {
        foreach (var gpu in shown)
        {
            _sample.Gpu = _registry.Intern(GpuId.Parse(gpu.Uuid));
            _sample.Info = new GpuInfo(gpu.Host.Name, gpu.IndexOnHost, gpu.PciBusId, gpu.Product.Model, gpu.Driver);
            _sample.TimeMs = _sample.AppendTimeMs = NowMs;
            _sample.Offset = _offset++;
            foreach (var metric in MetricCatalog.All)
            {
                // With the digits that an exporter writes.
                _sample[metric.Metric] = Math.Round(gpu.Values[(int)metric.Metric], 6);
            }

            if (!_states.TryGetValue(_sample.Gpu.Id, out var state))
            {
                _states[_sample.Gpu.Id] = state = new GpuState(_sample.Gpu.Id);
            }

            _ = state.Apply(_sample, _rules, _transitions);
            _transitions.Clear();
        }
    }
}
