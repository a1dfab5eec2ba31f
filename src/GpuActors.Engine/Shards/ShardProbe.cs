using Akka.Actor;
using Akka.Cluster;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>The one entity of a shard that is no GPU: it says where the shard is, and has it kept.</summary>
internal sealed class ShardProbe : ReceiveActor
{
    private const string Prefix = "~shard-";

    public ShardProbe(object handOff, Func<int, Task<bool>> keep)
    {
        var node = Cluster.Get(Context.System).SelfAddress.ToString();
        Receive<WhereIs>(where => Sender.Tell(new Here(where.Shard, node)));
        Receive<Keep>(asked =>
            keep(asked.Shard).PipeTo(Sender, Self, written => new Kept(asked.Shard, written), _ => new Kept(asked.Shard, false))
        );
        Receive<object>(message => message.Equals(handOff), _ => Context.Stop(Self));
    }

    /// <param name="handOff">Tells it to stop.</param>
    /// <param name="keep">Writes a checkpoint of the shard.</param>
    public static Props Props(object handOff, Func<int, Task<bool>> keep) => Akka.Actor.Props.Create(() => new ShardProbe(handOff, keep));

    /// <summary>Id of a shard's probe; no GPU's id starts like it.</summary>
    public static string Id(int shard) => Prefix + shard.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static bool IsId(string entityId) => ShardOf(entityId) is not null;

    /// <summary>The shard of a probe's id; null for a GPU's.</summary>
    public static int? ShardOf(string entityId) =>
        entityId.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(
            entityId.AsSpan(Prefix.Length),
            System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture,
            out var shard
        )
            ? shard
            : null;
}
