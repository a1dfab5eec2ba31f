using System.Text;
using System.Text.Json;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Samples;

/// <summary>Every text that a record may bring has a limit, whatever its format.</summary>
public sealed class TextLimitsTests
{
    private static readonly string Long = new('x', 600_000);

    [Theory]
    [InlineData("", "")]
    [InlineData("abcdef", "abcdef")]
    [InlineData("abcdefg", "abcde…")]
    [InlineData("abcd🔥g", "abcd…")]
    public void A_longer_text_is_cut_and_ends_with_an_ellipsis_but_not_within_a_character(string text, string cut) =>
        Assert.Equal(cut, TextLimits.Cut(text, 6));

    [Fact]
    public void A_sample_with_long_texts_is_kept_and_its_texts_are_cut_in_every_format()
    {
        var registry = new GpuRegistry();
        var json = Encoding.UTF8.GetBytes(
            $"{{\"v\":1,\"gpu\":\"GPU-1\",\"ts\":\"2026-11-23T12:00:00.000Z\",\"host\":\"{Long}\",\"pci\":\"{Long}\",\"model\":\"{Long}\","
                + $"\"driver\":\"{Long}\",\"ns\":\"{Long}\",\"pod\":\"{Long}\",\"container\":\"{Long}\",\"m\":{{\"gpu_temp\":61}}}}"
        );
        var nested = Encoding.UTF8.GetBytes(
            $"{{\"schema_version\":\"1.0\",\"event_type\":\"gpu_metric_sample\",\"timestamp\":\"2026-11-23T12:00:00.000Z\","
                + $"\"gpu\":{{\"gpu_uuid\":\"GPU-1\",\"name\":\"{Long}\"}},\"host\":{{\"hostname\":\"{Long}\"}},"
                + "\"metrics\":{\"health\":{\"gpu_temp_c\":61}}}"
        );
        foreach (var record in new[] { json, json, nested })
        {
            var sample = new GpuSample();
            Assert.Equal(RejectReason.None, new RecordDecoder(registry).Decode(record, [], sample));
            Assert.Equal(61, sample[Metric.GpuTemp]);
            AssertLimited(sample.Info);
        }

        Assert.Equal(TextLimits.Host, new GpuInfo(Long, 0, "", "", "").Host.Length);
        Assert.Equal(TextLimits.Host, (GpuInfo.Unknown with { Host = Long }).Host.Length);
    }

    [Fact]
    public void The_lines_of_a_kernel_log_are_cut()
    {
        var record =
            $"{{\"v\":1,\"gpu\":\"GPU-1\",\"ts\":\"2026-11-23T12:00:00.000Z\",\"kind\":\"xid\",\"code\":79,\"host\":\"{Long}\","
            + $"\"pci\":\"{Long}\",\"message\":\"{Long}\"}}";

        Assert.Equal(RejectReason.None, KernelLogCodec.Read(Encoding.UTF8.GetBytes(record), out var line, out _));
        Assert.Equal(TextLimits.Host, line!.Host.Length);
        Assert.Equal(TextLimits.PciBusId, line.PciBusId.Length);
        Assert.Equal(TextLimits.LogMessage, line.Message.Length);
    }

    [Fact]
    public void No_alert_is_larger_than_any_broker_accepts()
    {
        var labels = AlertLabels.From(Enumerable.Range(0, 1_000).Select(i => KeyValuePair.Create($"{i:d4}{Long}", Long)));
        var alert = Given.Alert() with { Rule = Long, Summary = Long, Action = Long, Runbook = Long, Labels = labels };

        Assert.Equal(TextLimits.Labels, alert.Labels.All.Count);
        Assert.InRange(AlertCodec.Encode(alert).Length, 1, 100_000);
        // One that an older or another producer wrote is read in the same way.
        Assert.Equal(alert, AlertCodec.Read(AlertCodec.Encode(alert)));
    }

    [Fact]
    public void A_shortened_alert_is_the_same_transition_with_less_text()
    {
        var alert = Given.Alert() with { Summary = Long, Labels = AlertLabels.Of(Given.Info).With("message", Long) };
        var sizes = Enumerable
            .Range(0, AlertTransition.MostShortenings + 1)
            .Select(times =>
            {
                var shortened = alert.Shortened(times);
                Assert.Equal(
                    (alert.Id, alert.Gpu, alert.Rule, alert.State, alert.Severity, alert.OpenedAtMs),
                    (shortened.Id, shortened.Gpu, shortened.Rule, shortened.State, shortened.Severity, shortened.OpenedAtMs)
                );
                return AlertCodec.Encode(shortened).Length;
            })
            .ToList();

        Assert.Equal(sizes.OrderDescending(), sizes);
        Assert.InRange(sizes[^1], 1, 700);
        Assert.Equal("node-0017", alert.Shortened(2).Labels.Host);
    }

    [Theory]
    [InlineData("model_version", "characters")]
    [InlineData("predicted_failure_type", "characters")]
    [InlineData("top_features", "characters of JSON")]
    public void A_prediction_with_long_texts_is_rejected_with_the_member(string member, string unit)
    {
        var record = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, object>
            {
                ["gpu"] = "GPU-1",
                ["prediction_time"] = "2026-11-23T12:00:00.000Z",
                ["failure_probability_7d"] = 0,
                ["failure_probability_30d"] = 0,
                ["failure_probability_90d"] = 0,
                ["model_version"] = "1",
                [member] = Long,
            }
        );

        var error = Assert.Throws<FormatException>(() => PredictionCodec.Read(record));

        Assert.Matches($"'{member}' of the prediction has 60000[02] {unit}: at most [0-9]+ are allowed", error.Message);
    }

    [Fact]
    public void A_message_about_a_text_does_not_repeat_all_of_it()
    {
        Assert.InRange(Assert.Throws<FormatException>(() => GpuId.Parse(Long)).Message.Length, 1, 300);
        Assert.InRange(Assert.Throws<FormatException>(() => AlertId.Parse(Long)).Message.Length, 1, 300);
        var record = $"{{\"v\":1,\"gpu\":\"GPU-1\",\"ts\":\"{Long}\",\"kind\":\"{Long}\",\"code\":79}}";
        _ = KernelLogCodec.Read(Encoding.UTF8.GetBytes(record), out _, out var detail);
        Assert.InRange(detail.Length, 1, 300);
    }

    private static void AssertLimited(GpuInfo info)
    {
        Assert.Equal(TextLimits.Host, info.Host.Length);
        Assert.Equal(TextLimits.Model, info.Model.Length);
        Assert.InRange(info.PciBusId.Length, 0, TextLimits.PciBusId);
        Assert.InRange(info.Driver.Length, 0, TextLimits.Driver);
        Assert.InRange(info.Workload?.Pod.Length ?? 0, 0, TextLimits.Workload);
        Assert.InRange(info.Workload?.Namespace.Length ?? 0, 0, TextLimits.Workload);
        Assert.InRange(info.Workload?.Container.Length ?? 0, 0, TextLimits.Workload);
    }
}
