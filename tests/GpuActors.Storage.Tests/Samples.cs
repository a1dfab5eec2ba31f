using GpuActors.Core.Alerts;
using GpuActors.Core.Metrics;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;
using GpuActors.Testing;

namespace GpuActors.Storage.Tests;

/// <summary>Creates samples, alerts and predictions for tests.</summary>
internal static class Samples
{
    public const string Topic = "gpu-metrics-raw";
    public const long NoonMs = Given.NoonMs;

    private static readonly GpuRegistry Registry = new();

    /// <summary>
    /// Creates a batch of <paramref name="count"/> samples with consecutive offsets from <paramref name="first"/>, at intervals of one
    /// second.
    /// </summary>
    public static SampleBatch Batch(int partition, long first, int count)
    {
        var batch = new SampleBatch();
        batch.Reset(partition);
        for (var offset = first; offset < first + count; offset++)
        {
            var sample = batch.Next();
            sample.Gpu = Registry.Intern(GpuId.Parse($"GPU-{partition}"));
            sample.TimeMs = NoonMs + (offset * 1000);
            sample.Info = new GpuInfo("node1", 0, "", "NVIDIA H100 80GB HBM3", "550.127.08");
            sample[Metric.GpuTemp] = 61;
            batch.Accept(offset);
        }

        return batch;
    }

    /// <summary>Creates a batch with one sample, which the caller fills.</summary>
    public static SampleBatch One(Action<GpuSample> fill)
    {
        var batch = new SampleBatch();
        batch.Reset(0);
        var sample = batch.Next();
        sample.Gpu = Registry.Intern(GpuId.Parse("GPU-one"));
        sample.TimeMs = NoonMs + 123;
        fill(sample);
        batch.Accept(0);
        return batch;
    }

    /// <summary>Creates a batch that contains only a rejected record.</summary>
    public static SampleBatch Rejected(int partition, long offset)
    {
        var batch = new SampleBatch();
        batch.Reset(partition);
        batch.Reject(new RejectedRecord(partition, offset, null, null, RejectReason.EmptyValue, ""));
        return batch;
    }

    /// <summary>Creates a prediction for GPU-1 with the required members only.</summary>
    public static FailurePrediction Prediction(int minute) =>
        new()
        {
            Gpu = GpuId.Parse("GPU-1"),
            PredictionTimeMs = NoonMs + (minute * Durations.MinuteMs),
            FailureProbability7d = 0.125,
            FailureProbability30d = 0.25,
            FailureProbability90d = 0.5,
            ModelVersion = "v3",
        };

    public static AlertTransition Alert(int seq, AlertState state) =>
        new()
        {
            AlertId = AlertId.Parse("a1"),
            Seq = seq,
            State = state,
            Severity = AlertSeverity.Critical,
            Rule = "power_brake",
            Gpu = GpuId.Parse("GPU-1"),
            Summary = "Power brake slowdown (0x80) on \"node1\"",
            Value = 3,
            Threshold = double.NaN,
            OpenedAtMs = NoonMs,
            SourceTimeMs = NoonMs + 1000,
            IngestedAtMs = NoonMs + 1005,
            DetectedAtMs = NoonMs + 1012,
            Action = "check-power",
            Runbook = "#power-brake",
            Labels = AlertLabels
                .Of(new GpuInfo("node1", 3, "00000000:1a:00.0", "NVIDIA H100 80GB HBM3", "550.127.08"))
                .With(AlertLabelNames.Rack, "r1"),
        };
}
