using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Codecs;

public sealed class AlertCodecTests
{
    private static readonly AlertTransition Alert = new()
    {
        AlertId = AlertId.Of(GpuId.Parse(Given.Gpu), "xid", "79", Given.NoonMs),
        Seq = 1,
        State = AlertState.Firing,
        Severity = AlertSeverity.Critical,
        Rule = "xid",
        Gpu = GpuId.Parse(Given.Gpu),
        Summary = "XID 79 (\"fallen off the bus\") on node-0017",
        Value = 79,
        Threshold = double.NaN,
        OpenedAtMs = Given.NoonMs,
        SourceTimeMs = Given.NoonMs + 1,
        IngestedAtMs = Given.NoonMs + 20,
        DetectedAtMs = Given.NoonMs + 29,
        Action = "reboot-node",
        Runbook = "#xid",
        Labels = AlertLabels.Of(Given.Info).With("xid", "79"),
    };

    [Fact]
    public void What_is_written_is_read_back()
    {
        Assert.Equal(Alert, AlertCodec.Read(AlertCodec.Encode(Alert)));
    }

    [Fact]
    public void The_workload_stands_in_three_labels()
    {
        var alert = Alert with { Labels = AlertLabels.Of(Given.Info with { Workload = new Workload("ml", "train-0", "") }) };
        var record = AlertCodec.Encode(alert);

        var labels = JsonDocument.Parse(record).RootElement.GetProperty("labels");
        Assert.Equal(("ml", "train-0"), (labels.GetProperty("namespace").GetString(), labels.GetProperty("pod").GetString()));
        Assert.False(labels.TryGetProperty("container", out _));
        Assert.Equal(alert.Labels, AlertCodec.Read(record).Labels);
    }

    [Fact]
    public void A_record_of_the_contract_has_these_members()
    {
        var json = JsonDocument.Parse(AlertCodec.Encode(Alert)).RootElement;
        Assert.Equal("firing", json.GetProperty("state").GetString());
        Assert.Equal("critical", json.GetProperty("severity").GetString());
        Assert.Equal("2026-11-23T12:00:00.020Z", json.GetProperty("ingested_at").GetString());
        Assert.Equal(9, json.GetProperty("latency_ms").GetInt64());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("threshold").ValueKind);
        Assert.Equal(32, json.GetProperty("alert_id").GetString()!.Length);
        Assert.Equal("node-0017", json.GetProperty("labels").GetProperty("host").GetString());
        Assert.Equal("79", json.GetProperty("labels").GetProperty("xid").GetString());
    }

    [Fact]
    public void An_alert_says_nothing_of_pages_incidents_and_silences()
    {
        var record = JsonDocument.Parse(AlertCodec.Encode(Alert)).RootElement;
        Assert.All(["page", "incident_id", "silenced_by", "acknowledged_by"], member => Assert.False(record.TryGetProperty(member, out _)));
    }

    [Theory]
    [InlineData("alert_id", "5")]
    [InlineData("alert_id", "\"a b\"")]
    [InlineData("state", "\"open\"")]
    [InlineData("severity", "\"red\"")]
    [InlineData("seq", "\"1\"")]
    [InlineData("opened_at", "\"noon\"")]
    [InlineData("gpu", "\"a b\"")]
    [InlineData("value", "1e999")]
    public void A_wrong_member_is_named_with_its_value(string member, string value)
    {
        var json = JsonNode.Parse(AlertCodec.Encode(Alert))!;
        json[member] = JsonNode.Parse(value);
        var error = Assert.Throws<FormatException>(() => AlertCodec.Read(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Contains(value.Trim('"').Contains(' ', StringComparison.Ordinal) ? "a b" : member, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("5")]
    public void Text_that_is_no_alert_is_refused(string text) =>
        Assert.Throws<FormatException>(() => AlertCodec.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Mutations_either_read_or_say_why_not()
    {
        var record = AlertCodec.Encode(Alert);
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            try
            {
                _ = AlertCodec.Read(Mutations.Of(record, random));
            }
            catch (FormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    [Fact]
    public void An_id_depends_on_gpu_rule_discriminator_and_opening_time_only()
    {
        var gpu = GpuId.Parse(Given.Gpu);
        var id = AlertId.Of(gpu, "xid", "79", 1);
        Assert.Equal(id, AlertId.Of(gpu, "xid", "79", 1));
        Assert.Equal(
            5,
            new[]
            {
                id,
                AlertId.Of(GpuId.Parse("g"), "xid", "79", 1),
                AlertId.Of(gpu, "x", "79", 1),
                AlertId.Of(gpu, "xid", "7", 1),
                AlertId.Of(gpu, "xid", "79", 2),
            }
                .Distinct()
                .Count()
        );
    }
}
