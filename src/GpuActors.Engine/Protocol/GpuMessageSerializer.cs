using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using GpuActors.Core.Logs;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The wire form of <see cref="GpuActorProtocol"/>: compact binary, one short manifest per message. A form that changes gets a new
/// manifest.
/// </summary>
public sealed class GpuMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string SamplesManifest = "S",
        LogManifest = "L",
        IngestedManifest = "A",
        CheckAbsenceManifest = "C",
        GetStatusManifest = "G",
        StatusManifest = "T",
        HandOffManifest = "H";

    /// <summary>Identifier of this serializer in the cluster; those of Akka are below 100.</summary>
    public override int Identifier => 4711;

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            IngestSamples => SamplesManifest,
            IngestLog => LogManifest,
            Ingested => IngestedManifest,
            CheckAbsence => CheckAbsenceManifest,
            GetStatus => GetStatusManifest,
            CurrentStatus => StatusManifest,
            HandOff => HandOffManifest,
            _ => throw new SerializationException($"{o.GetType()} is not a message of GpuActorProtocol"),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        switch (obj)
        {
            case IngestSamples ingest:
                IngestSamplesCodec.Write(writer, ingest);
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
            case GetStatus get:
                writer.Write(get.Gpu.Value);
                break;
            case CurrentStatus status:
                GpuStatusCodec.Write(writer, status);
                break;
            case HandOff:
                break;
            default:
                throw new SerializationException($"{obj.GetType()} is not a message of GpuActorProtocol");
        }

        writer.Flush();
        return buffer.ToArray();
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        // Any other exception type would make Akka.Remote close the connection between the nodes.
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            return manifest switch
            {
                SamplesManifest => IngestSamplesCodec.Read(reader),
                LogManifest => ReadLog(reader),
                IngestedManifest => new Ingested(reader.Read7BitEncodedInt64()),
                CheckAbsenceManifest => new CheckAbsence(GpuId.Parse(reader.ReadString()), reader.Read7BitEncodedInt64()),
                GetStatusManifest => new GetStatus(GpuId.Parse(reader.ReadString())),
                StatusManifest => GpuStatusCodec.Read(reader),
                HandOffManifest => HandOff.Instance,
                _ => throw new SerializationException($"Manifest '{manifest}' is unknown: a node of a newer version sent the message"),
            };
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new SerializationException($"A message with manifest '{manifest}' ({bytes.Length} bytes) cannot be read: {e.Message}", e);
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
        GpuInfoCodec.Write(writer, line.Info);
        writer.Write(line.Message);
        writer.Write7BitEncodedInt(line.Count);
    }

    private static IngestLog ReadLog(BinaryReader reader)
    {
        var gpu = GpuId.Parse(reader.ReadString());
        var batchNo = reader.Read7BitEncodedInt64();
        var partition = reader.Read7BitEncodedInt();
        var offset = reader.Read7BitEncodedInt64();
        var appendTimeMs = reader.Read7BitEncodedInt64();
        var kind = (KernelLogKind)reader.ReadByte();
        var code = reader.Read7BitEncodedInt();
        var timeMs = reader.Read7BitEncodedInt64();
        var info = GpuInfoCodec.Read(reader);
        var line = new KernelLogEvent(gpu, kind, code, timeMs, info.Host, info.PciBusId, reader.ReadString())
        {
            Count = reader.Read7BitEncodedInt(),
            Index = info.Index,
            Model = info.Model,
            Driver = info.Driver,
        };
        return new IngestLog(partition, new KernelLogRecord(offset, appendTimeMs, line), batchNo, null);
    }
}
