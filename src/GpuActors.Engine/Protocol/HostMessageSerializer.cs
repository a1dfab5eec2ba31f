using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using GpuActors.Core.Hosts;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using static GpuActors.Engine.Protocol.HostProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>The wire form of <see cref="HostProtocol"/>: compact binary, one short manifest per message.</summary>
public sealed class HostMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string ReportManifest = "R",
        BecameAbsentManifest = "S",
        WhenManifest = "W",
        HeardManifest = "H",
        VerdictManifest = "V",
        PeersManifest = "P",
        RetiredManifest = "T";

    /// <summary>Identifier of this serializer in the cluster; those of Akka are below 100.</summary>
    public override int Identifier => 4713;

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            Report => ReportManifest,
            BecameAbsent => BecameAbsentManifest,
            WhenHeard => WhenManifest,
            Heard => HeardManifest,
            AbsenceVerdict => VerdictManifest,
            Peers => PeersManifest,
            GpuRetired => RetiredManifest,
            _ => throw new SerializationException($"{o.GetType()} is not a message of HostProtocol"),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        switch (obj)
        {
            case Report { Content: var report }:
                writer.Write(report.Host);
                writer.Write(report.Gpu.Value);
                writer.Write7BitEncodedInt64(report.Minute);
                writer.Write(report.NvlinkBytesPerSecond);
                writer.Write(report.TensorActive);
                break;
            case BecameAbsent absent:
                writer.Write(absent.Host);
                writer.Write(absent.Gpu.Value);
                writer.Write7BitEncodedInt64(absent.LastHeardMs);
                writer.Write(absent.IntervalMs);
                writer.Write7BitEncodedInt64(absent.NowMs);
                break;
            case GpuRetired retired:
                writer.Write(retired.Host);
                writer.Write(retired.Gpu.Value);
                break;
            case WhenHeard question:
                writer.Write(question.Gpu.Value);
                break;
            case Heard heard:
                writer.Write(heard.Gpu.Value);
                writer.Write7BitEncodedInt64(heard.When.LastMs);
                writer.Write7BitEncodedInt64(heard.When.SinceMs);
                writer.Write(heard.When.LimitMs);
                break;
            case AbsenceVerdict verdict:
                writer.Write(verdict.Gpu.Value);
                writer.Write7BitEncodedInt64(verdict.NowMs);
                writer.Write(verdict.Cause.Id);
                break;
            case Peers { Content: var peers }:
                writer.Write(peers.Gpu.Value);
                writer.Write(peers.IsLow);
                writer.Write(peers.BytesPerSecond);
                writer.Write(peers.PeersBytesPerSecond);
                break;
            default:
                throw new SerializationException($"{obj.GetType()} is not a message of HostProtocol");
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
                ReportManifest => new Report(
                    new HostReport(
                        reader.ReadString(),
                        Gpu(reader),
                        reader.Read7BitEncodedInt64(),
                        reader.ReadDouble(),
                        reader.ReadDouble()
                    )
                ),
                RetiredManifest => new GpuRetired(reader.ReadString(), Gpu(reader)),
                BecameAbsentManifest => new BecameAbsent(
                    reader.ReadString(),
                    Gpu(reader),
                    reader.Read7BitEncodedInt64(),
                    reader.ReadDouble(),
                    reader.Read7BitEncodedInt64()
                ),
                WhenManifest => new WhenHeard(Gpu(reader)),
                HeardManifest => new Heard(
                    Gpu(reader),
                    new LastHeard(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.ReadDouble())
                ),
                VerdictManifest => new AbsenceVerdict(
                    Gpu(reader),
                    reader.Read7BitEncodedInt64(),
                    RuleCatalog.Find(reader.ReadString()) ?? RuleCatalog.GpuAbsent
                ),
                PeersManifest => new Peers(new PeerVerdict(Gpu(reader), reader.ReadBoolean(), reader.ReadDouble(), reader.ReadDouble())),
                _ => throw new SerializationException($"Manifest '{manifest}' is unknown: a node of a newer version sent the message"),
            };
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new SerializationException($"A message with manifest '{manifest}' ({bytes.Length} bytes) cannot be read: {e.Message}", e);
        }
    }

    private static GpuId Gpu(BinaryReader reader) => GpuId.Parse(reader.ReadString());
}
