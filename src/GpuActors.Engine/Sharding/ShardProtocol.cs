namespace GpuActors.Engine.Sharding;

/// <summary>Finds out where a shard is, before its partition's samples are sent to it.</summary>
public static class ShardProtocol
{
    /// <summary>A message of this protocol: bound to its own serializer.</summary>
    public interface IShardMessage;

    /// <summary>Asks a shard where it is; starts it where it is wanted. Answered by <see cref="Here"/>, or by nobody while the shard moves.</summary>
    /// <param name="Shard">The shard: a partition number.</param>
    public sealed record WhereIs(int Shard) : IShardMessage;

    /// <summary>Answers <see cref="WhereIs"/>.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Node">Address of the node that it is on.</param>
    public sealed record Here(int Shard, string Node) : IShardMessage;
}
