using System.Text;
using System.Text.Json;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Fuzzing;

/// <summary>
/// Records of <c>gpu-alerts</c>. A record is either rejected with a <see cref="FormatException"/>, or is unchanged after it was read,
/// written and read again.
/// </summary>
internal sealed class AlertTarget : FuzzTarget
{
    public override string Name => "alert";

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. FuzzSamples.Ids.Select((id, i) => AlertCodec.Encode(Alert(id, i)))];

    public override void Renew() { }

    public override string Run(byte[] input, Random random)
    {
        AlertTransition alert;
        try
        {
            alert = AlertCodec.Read(input);
        }
        catch (FormatException e)
        {
            Require(e.Message.Length > 0, "a reject without words");
            return "malformed";
        }

        if (input.AsSpan().IndexOf(Encoding.ASCII.GetBytes(alert.Gpu.Value)) < 0)
        {
            using var json = JsonDocument.Parse(input);
            Require(
                json.RootElement.EnumerateObject()
                    .Any(m => m.NameEquals("gpu"u8) && m.Value.ValueKind == JsonValueKind.String && m.Value.ValueEquals(alert.Gpu.Value)),
                $"an alert of {alert.Gpu}, which the record does not name"
            );
        }

        var again = AlertCodec.Read(AlertCodec.Encode(alert));
        Require(
            again.Gpu == alert.Gpu
                && again.Seq == alert.Seq
                && again.OpenedAtMs == alert.OpenedAtMs
                && again.Value.Equals(alert.Value)
                && again.Labels.Equals(alert.Labels),
            "written and read again it is another"
        );
        return "accepted";
    }

    private static AlertTransition Alert(string id, int seq) =>
        new()
        {
            AlertId = AlertId.Parse($"a{seq}"),
            Seq = seq + 1,
            State = seq % 2 == 0 ? AlertState.Firing : AlertState.Resolved,
            Severity = AlertSeverity.Critical,
            Rule = "power_brake",
            Gpu = GpuId.Parse(id),
            Summary = "Power brake slowdown (0x80) in 3 of the last 3 samples",
            Value = seq == 1 ? double.NaN : 128.5,
            Threshold = 3,
            OpenedAtMs = Given.NoonMs,
            SourceTimeMs = Given.NoonMs + 1000,
            IngestedAtMs = Given.NoonMs + 1001,
            DetectedAtMs = Given.NoonMs + 1005,
            Action = "drain_node",
            Runbook = "power-brake",
            Labels = AlertLabels
                .Of(new GpuInfo("node-0017", seq, "00000000:5d:00.0", "NVIDIA H100 80GB HBM3", "550.127.08"))
                .With(AlertLabelNames.Rack, "r1")
                .With(AlertLabelNames.Xid, "79"),
        };
}
