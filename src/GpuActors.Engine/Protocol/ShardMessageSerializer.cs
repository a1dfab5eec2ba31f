using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using GpuActors.Core.Gpus;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Protocol;

/// <summary>The wire form of <see cref="ShardProtocol"/>: binary, one manifest per message.</summary>
public sealed class ShardMessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string WhereManifest = "W",
        HereManifest = "H",
        KeepManifest = "K",
        KeptManifest = "D",
        RetireManifest = "R",
        RetiredManifest = "E";

    /// <summary>Identifier of this serializer in the cluster; those of Akka are below 100.</summary>
    public override int Identifier => 4714;

    /// <inheritdoc/>
    public override string Manifest(object o) =>
        o switch
        {
            WhereIs => WhereManifest,
            Here => HereManifest,
            Keep => KeepManifest,
            Kept => KeptManifest,
            RetireGpus => RetireManifest,
            GpusRetired => RetiredManifest,
            _ => throw new SerializationException($"{o.GetType()} is not a message of ShardProtocol"),
        };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) =>
        obj switch
        {
            WhereIs where => BitConverter.GetBytes(where.Shard),
            Keep keep => BitConverter.GetBytes(keep.Shard),
            Kept kept => [.. BitConverter.GetBytes(kept.Shard), (byte)(kept.Written ? 1 : 0)],
            RetireGpus retire => [.. BitConverter.GetBytes(retire.Shard), (byte)retire.Scope, .. Encoding.UTF8.GetBytes(retire.Name)],
            GpusRetired retired => [.. BitConverter.GetBytes(retired.Shard), .. BitConverter.GetBytes(retired.Count)],
            Here here => [.. BitConverter.GetBytes(here.Shard), .. Encoding.UTF8.GetBytes(here.Node)],
            _ => throw new SerializationException($"{obj.GetType()} is not a message of ShardProtocol"),
        };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) =>
        (manifest, bytes.Length) switch
        {
            (WhereManifest, sizeof(int)) => new WhereIs(BitConverter.ToInt32(bytes)),
            (HereManifest, >= sizeof(int)) => new Here(BitConverter.ToInt32(bytes), Encoding.UTF8.GetString(bytes.AsSpan(sizeof(int)))),
            (RetireManifest, > sizeof(int)) when bytes[sizeof(int)] <= (byte)RetireScope.Rack => new RetireGpus(
                BitConverter.ToInt32(bytes),
                (RetireScope)bytes[sizeof(int)],
                Encoding.UTF8.GetString(bytes.AsSpan(sizeof(int) + 1))
            ),
            (RetiredManifest, 2 * sizeof(int)) => new GpusRetired(BitConverter.ToInt32(bytes), BitConverter.ToInt32(bytes, sizeof(int))),
            (KeepManifest, sizeof(int)) => new Keep(BitConverter.ToInt32(bytes)),
            (KeptManifest, sizeof(int) + 1) => new Kept(BitConverter.ToInt32(bytes), bytes[^1] != 0),
            _ => throw new SerializationException(
                $"A message with manifest '{manifest}' ({bytes.Length} bytes) cannot be read: a node of a newer version sent it"
            ),
        };
}
