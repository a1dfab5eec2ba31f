using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Xids;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>The wire form of <see cref="CurrentStatus"/>. Metrics and rules are written by name.</summary>
internal static class GpuStatusCodec
{
    public static void Write(BinaryWriter writer, CurrentStatus answer)
    {
        writer.Write(answer.Gpu.Value);
        writer.Write(answer.Status is not null);
        if (answer.Status is not { } status)
        {
            return;
        }

        GpuInfoCodec.Write(writer, status.Info);
        writer.Write((byte)status.Health);
        writer.Write7BitEncodedInt64(status.TimeMs);
        writer.Write7BitEncodedInt64(status.Samples);
        writer.Write7BitEncodedInt(status.Metrics.Count);
        foreach (var (name, value) in status.Metrics)
        {
            writer.Write(name);
            writer.Write(value);
        }

        writer.Write7BitEncodedInt(status.OpenAlerts.Count);
        foreach (var alert in status.OpenAlerts)
        {
            Write(writer, alert);
        }

        writer.Write7BitEncodedInt(status.Xids.Count);
        foreach (var xid in status.Xids)
        {
            writer.Write7BitEncodedInt(xid.Code);
            writer.Write7BitEncodedInt64(xid.Count);
            writer.Write7BitEncodedInt64(xid.FirstMs);
            writer.Write7BitEncodedInt64(xid.LastMs);
            writer.Write((byte)xid.Source);
        }
    }

    public static CurrentStatus Read(BinaryReader reader)
    {
        var gpu = GpuId.Parse(reader.ReadString());
        if (!reader.ReadBoolean())
        {
            return new CurrentStatus(gpu, null);
        }

        var info = GpuInfoCodec.Read(reader);
        var health = (GpuHealth)reader.ReadByte();
        var timeMs = reader.Read7BitEncodedInt64();
        var samples = reader.Read7BitEncodedInt64();
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            metrics[reader.ReadString()] = reader.ReadDouble();
        }

        var alerts = new List<OpenAlert>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            alerts.Add(ReadAlert(reader, gpu));
        }

        var xids = new List<XidRecord>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            xids.Add(
                new XidRecord(
                    reader.Read7BitEncodedInt(),
                    reader.Read7BitEncodedInt64(),
                    reader.Read7BitEncodedInt64(),
                    reader.Read7BitEncodedInt64(),
                    (XidSource)reader.ReadByte()
                )
            );
        }

        return new CurrentStatus(gpu, new GpuStatus(gpu, info, health, timeMs, samples, metrics, alerts) { Xids = xids });
    }

    // Only what a GPU's state knows of its alerts: incidents, silences and acknowledgements are added elsewhere.
    private static void Write(BinaryWriter writer, OpenAlert alert)
    {
        writer.Write(alert.AlertId.Value);
        writer.Write(alert.Rule);
        writer.Write((byte)alert.Severity);
        writer.Write7BitEncodedInt64(alert.OpenedAtMs);
        writer.Write7BitEncodedInt(alert.Labels.All.Count);
        foreach (var (name, value) in alert.Labels.All)
        {
            writer.Write(name);
            writer.Write(value);
        }
    }

    private static OpenAlert ReadAlert(BinaryReader reader, GpuId gpu)
    {
        var (id, rule, severity) = (AlertId.Parse(reader.ReadString()), reader.ReadString(), (AlertSeverity)reader.ReadByte());
        var openedAtMs = reader.Read7BitEncodedInt64();
        var labels = new List<KeyValuePair<string, string>>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            labels.Add(new(reader.ReadString(), reader.ReadString()));
        }

        return new OpenAlert
        {
            AlertId = id,
            Rule = rule,
            Gpu = gpu,
            Severity = severity,
            OpenedAtMs = openedAtMs,
            Labels = AlertLabels.From(labels),
        };
    }
}
