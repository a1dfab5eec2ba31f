using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The wire form of <see cref="GpuActorProtocol"/>: compact binary, one short manifest per message, a version in the manifest of what may
/// change. Metrics travel by canonical name table once per message, so that nodes with different catalogues understand each other.
/// </summary>
public sealed class GpuMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string IngestManifest = "I2",
        LogManifest = "L1",
        IngestedManifest = "A",
        CheckAbsenceManifest = "S",
        GetStateManifest = "G",
        StateManifest = "T",
        HandOffManifest = "H";

    /// <summary>Registered id, above Akka's own.</summary>
    public override int Identifier => 4711;

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            IngestSamples => IngestManifest,
            IngestLog => LogManifest,
            Ingested => IngestedManifest,
            CheckAbsence => CheckAbsenceManifest,
            GetState => GetStateManifest,
            State => StateManifest,
            HandOff => HandOffManifest,
            _ => throw new SerializationException($"{o.GetType()} is no message of the GPU actor"),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        switch (obj)
        {
            case IngestSamples ingest:
                WriteSamples(writer, ingest);
                break;
            case IngestLog log:
                WriteLog(writer, log);
                break;
            case Ingested ingested:
                writer.Write7BitEncodedInt64(ingested.BatchNo);
                break;
            case CheckAbsence check:
                writer.Write(check.Gpu.Value);
                writer.Write7BitEncodedInt64(check.NowMs);
                break;
            case GetState get:
                writer.Write(get.Gpu.Value);
                break;
            case State state:
                writer.Write(state.Gpu.Value);
                writer.Write7BitEncodedInt(state.Snapshot.Length);
                writer.Write(state.Snapshot);
                break;
            case HandOff:
                break;
            default:
                throw new SerializationException($"{obj.GetType()} is no message of the GPU actor");
        }

        writer.Flush();
        return buffer.ToArray();
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        // Any other exception type would tear down the connection between the nodes.
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            return manifest switch
            {
                IngestManifest => ReadSamples(reader),
                LogManifest => ReadLog(reader),
                IngestedManifest => new Ingested(reader.Read7BitEncodedInt64()),
                CheckAbsenceManifest => new CheckAbsence(GpuId.Parse(reader.ReadString()), reader.Read7BitEncodedInt64()),
                GetStateManifest => new GetState(GpuId.Parse(reader.ReadString())),
                StateManifest => new State(GpuId.Parse(reader.ReadString()), reader.ReadBytes(reader.Read7BitEncodedInt())),
                HandOffManifest => HandOff.Instance,
                _ => throw new SerializationException($"Manifest '{manifest}' is not known to this version: a newer node sent it"),
            };
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new SerializationException($"A message with manifest '{manifest}' ({bytes.Length} bytes) can't be read: {e.Message}", e);
        }
    }

    private static void WriteLog(BinaryWriter writer, IngestLog log)
    {
        var line = log.Record.Line;
        writer.Write(line.Gpu.Value);
        writer.Write7BitEncodedInt64(log.BatchNo);
        writer.Write7BitEncodedInt(log.Partition);
        writer.Write7BitEncodedInt64(log.Record.Offset);
        writer.Write7BitEncodedInt64(log.Record.AppendTimeMs);
        writer.Write((byte)line.Kind);
        writer.Write7BitEncodedInt(line.Code);
        writer.Write7BitEncodedInt64(line.TimeMs);
        writer.Write(line.Host);
        writer.Write(line.PciBusId);
        writer.Write(line.Message);
    }

    private static IngestLog ReadLog(BinaryReader reader)
    {
        var gpu = GpuId.Parse(reader.ReadString());
        var batchNo = reader.Read7BitEncodedInt64();
        var partition = reader.Read7BitEncodedInt();
        var offset = reader.Read7BitEncodedInt64();
        var appendTimeMs = reader.Read7BitEncodedInt64();
        var line = new KernelLogEvent(
            gpu,
            (KernelLogKind)reader.ReadByte(),
            reader.Read7BitEncodedInt(),
            reader.Read7BitEncodedInt64(),
            reader.ReadString(),
            reader.ReadString(),
            reader.ReadString()
        );
        return new IngestLog(partition, new KernelLogRecord(offset, appendTimeMs, line), batchNo, null);
    }

    private static void WriteSamples(BinaryWriter writer, IngestSamples ingest)
    {
        var present = new bool[MetricCatalog.Count];
        var count = 0;
        for (var sample = ingest.First; sample is not null; sample = sample.NextOfGpu)
        {
            count++;
            for (var i = 0; i < present.Length; i++)
            {
                present[i] |= !double.IsNaN(sample.Values[i]);
            }
        }

        var info = ingest.First.Info;
        writer.Write(ingest.Gpu.Value);
        writer.Write7BitEncodedInt64(ingest.BatchNo);
        writer.Write(info.Host);
        writer.Write7BitEncodedInt(info.Index + 1);
        writer.Write(info.PciBusId);
        writer.Write(info.Model);
        writer.Write(info.Driver);
        writer.Write(info.Workload is not null);
        if (info.Workload is { } workload)
        {
            writer.Write(workload.Namespace);
            writer.Write(workload.Pod);
            writer.Write(workload.Container);
        }

        writer.Write7BitEncodedInt(present.Count(p => p));
        foreach (var metric in MetricCatalog.All.Where(m => present[(int)m.Metric]))
        {
            writer.Write(metric.Name);
        }

        writer.Write7BitEncodedInt(count);
        for (var sample = ingest.First; sample is not null; sample = sample.NextOfGpu)
        {
            writer.Write7BitEncodedInt64(sample.TimeMs);
            writer.Write7BitEncodedInt64(sample.AppendTimeMs);
            writer.Write7BitEncodedInt(sample.Partition);
            writer.Write7BitEncodedInt64(sample.Offset);
            writer.Write7BitEncodedInt(sample.XidCounts.Length);
            foreach (var (code, occurrences) in sample.XidCounts)
            {
                writer.Write7BitEncodedInt(code);
                writer.Write7BitEncodedInt(occurrences);
            }

            for (var i = 0; i < present.Length; i++)
            {
                if (present[i])
                {
                    writer.Write(sample.Values[i]);
                }
            }
        }
    }

    private static IngestSamples ReadSamples(BinaryReader reader)
    {
        var registry = new GpuRegistry();
        var gpu = registry.Intern(GpuId.Parse(reader.ReadString()));
        var batchNo = reader.Read7BitEncodedInt64();
        var host = reader.ReadString();
        var index = reader.Read7BitEncodedInt() - 1;
        var info = new GpuInfo(host, index, reader.ReadString(), reader.ReadString(), reader.ReadString())
        {
            Workload = reader.ReadBoolean() ? new Workload(reader.ReadString(), reader.ReadString(), reader.ReadString()) : null,
        };
        var slots = new int[reader.Read7BitEncodedInt()];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = MetricCatalog.ByName.TryGetValue(reader.ReadString(), out var metric) ? (int)metric.Metric : -1;
        }

        GpuSample? first = null,
            last = null;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var sample = new GpuSample { Gpu = gpu, Info = info };
            sample.TimeMs = reader.Read7BitEncodedInt64();
            sample.AppendTimeMs = reader.Read7BitEncodedInt64();
            sample.Partition = reader.Read7BitEncodedInt();
            sample.Offset = reader.Read7BitEncodedInt64();
            for (var codes = reader.Read7BitEncodedInt(); codes > 0; codes--)
            {
                _ = sample.AddXidCount(new XidCount(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt()));
            }

            foreach (var slot in slots)
            {
                var value = reader.ReadDouble();
                if (slot >= 0)
                {
                    sample.Values[slot] = value;
                }
            }

            first ??= sample;
            if (last is not null)
            {
                last.NextOfGpu = sample;
            }

            last = sample;
        }

        return new IngestSamples(first ?? throw new FormatException("there is no sample in it"), batchNo, null);
    }
}
