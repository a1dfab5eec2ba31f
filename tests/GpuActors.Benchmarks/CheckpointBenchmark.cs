using System.Diagnostics;
using System.Globalization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Metrics;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Shards;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Benchmarks;

/// <summary>
/// What a checkpoint of a shard weighs and costs: a simulated fleet at one sample per GPU and second, whose states are written after an
/// hour, a day and a week: <c>checkpoint [GPUS]</c>.
/// </summary>
internal static class CheckpointBenchmark
{
    private const long StartMs = 1_795_435_200_000;
    private const int Rounds = 20;

    public static void Run(int gpus)
    {
        var fleet = new SimulatedFleet(gpus, 1, StartMs);
        var registry = new GpuRegistry();
        var rules = new RuleSettings();
        var transitions = new List<AlertTransition>();
        var sample = new GpuSample();
        var states = fleet.Gpus.ToDictionary(gpu => GpuId.Parse(gpu.Uuid), gpu => new GpuState(GpuId.Parse(gpu.Uuid)));
        foreach (var hours in new[] { 1, 24, 168 })
        {
            var endMs = StartMs + (hours * 3_600_000L);
            for (var timeMs = sample.TimeMs == 0 ? StartMs : sample.TimeMs + 1000; timeMs < endMs; timeMs += 1000)
            {
                _ = fleet.Read(
                    timeMs,
                    null,
                    shown =>
                    {
                        foreach (var gpu in shown)
                        {
                            sample.Gpu = registry.Intern(GpuId.Parse(gpu.Uuid));
                            sample.Info = new GpuInfo(
                                gpu.Host.Name,
                                gpu.IndexOnHost,
                                gpu.PciBusId,
                                SimulatedGpu.Model,
                                SimulatedGpu.Driver
                            );
                            sample.TimeMs = timeMs;
                            sample.Offset = (timeMs - StartMs) / 1000;
                            foreach (var metric in MetricCatalog.All)
                            {
                                // With the digits that an exporter writes.
                                sample[metric.Metric] = Math.Round(gpu.Values[(int)metric.Metric], 6);
                            }

                            _ = states[sample.Gpu.Id].Apply(sample, rules, transitions);
                            transitions.Clear();
                        }
                    }
                );
            }

            Report(hours, states);
        }
    }

    private static void Report(int hours, Dictionary<GpuId, GpuState> states)
    {
        var saved = states.ToDictionary(state => state.Key, state => state.Value.Save());
        var raw = saved.Values.Sum(bytes => (double)bytes.Length) / states.Count;
        var save = MicrosecondsEach(
            states.Count,
            () =>
            {
                foreach (var state in states.Values)
                {
                    _ = state.Save();
                }
            }
        );
        var snapshot = new ShardSnapshot(1, 1, 1, saved);
        var bytes = snapshot.Save();
        var compress = MicrosecondsEach(states.Count, () => snapshot.Save());
        var load = MicrosecondsEach(
            states.Count,
            () =>
            {
                foreach (var (gpu, state) in ShardSnapshot.Load(bytes).States)
                {
                    _ = GpuState.Load(gpu, state);
                }
            }
        );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{hours} h: {raw:N0} bytes per GPU, {(double)bytes.Length / states.Count:N0} compressed; {save:N0} µs to save, {compress:N0} to compress, {load:N0} to read back"
            )
        );
    }

    private static double MicrosecondsEach(int count, Action action)
    {
        action();
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < Rounds; round++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Rounds / count;
    }
}
