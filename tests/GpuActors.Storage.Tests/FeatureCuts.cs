using GpuActors.Core.Features;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Testing;

namespace GpuActors.Storage.Tests;

/// <summary>The state of a GPU and its feature vectors at cuts of three hours and five minutes, some of them at a full hour.</summary>
/// <param name="lines">The kernel log, in order of time.</param>
/// <param name="restores">Whether the state is saved and read back at every other cut.</param>
internal sealed class FeatureCuts(IReadOnlyList<KernelLogEvent> lines, bool restores)
{
    private const long Step = (3 * Durations.HourMs) + (5 * Durations.MinuteMs);
    private readonly RuleSettings _rules = new();
    private readonly FeatureInput _input = new();
    private readonly FeatureExtractor _extractor = new();
    private long _cutMs = Samples.NoonMs + Step;
    private int _line;

    public GpuState State { get; private set; } = new(GpuId.Parse("GPU-none"));

    public List<float[]> Vectors { get; } = [];

    public void Take(GpuSample sample)
    {
        if (State.Samples == 0)
        {
            State = new GpuState(sample.Gpu.Id);
        }

        // A sample may come hours after the one before.
        for (; sample.TimeMs >= _cutMs; _cutMs += Step)
        {
            TakeLines(_cutMs);
            var vector = new float[FeatureExtractor.Count];
            State.FillFeatures(_input, _cutMs);
            _extractor.Extract(_input, vector);
            Vectors.Add(vector);
            if (restores && Vectors.Count % 2 == 0)
            {
                State = GpuState.Load(sample.Gpu.Id, State.Save());
            }
        }

        TakeLines(sample.TimeMs);
        Assert.True(State.Apply(sample, _rules, []));
    }

    private void TakeLines(long untilMs)
    {
        for (; _line < lines.Count && lines[_line].TimeMs < untilMs; _line++)
        {
            Assert.True(State.Apply(lines[_line], 0, _line, lines[_line].TimeMs, _rules, []));
        }
    }
}
