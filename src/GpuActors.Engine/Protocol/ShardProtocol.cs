namespace GpuActors.Engine.Protocol;

/// <summary>
/// Between nodes about whole shards: where one is, before its partition's samples are sent to it; and that its states be kept, before an
/// offset of another partition moves.
/// </summary>
public static class ShardProtocol
{
    /// <summary>A message of this protocol: bound to its own serializer.</summary>
    public interface IShardMessage;

    /// <summary>A message for a shard rather than for one of its GPUs.</summary>
    public interface IToShard : IShardMessage
    {
        /// <summary>The shard: a partition number.</summary>
        int Shard { get; }
    }

    /// <summary>
    /// Asks a shard where it is; starts it where it is wanted. Answered by <see cref="Here"/>, or by nobody while the shard moves.
    /// </summary>
    /// <param name="Shard">The shard: a partition number.</param>
    public sealed record WhereIs(int Shard) : IToShard;

    /// <summary>Answers <see cref="WhereIs"/>.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Node">Address of the node that it is on.</param>
    public sealed record Here(int Shard, string Node) : IShardMessage;

    /// <summary>
    /// Asks for a checkpoint of a shard, whose GPUs have had records on another partition. Answered by <see cref="Kept"/>, or by nobody
    /// while the shard moves.
    /// </summary>
    /// <param name="Shard">The shard: a partition number.</param>
    public sealed record Keep(int Shard) : IToShard;

    /// <summary>Answers <see cref="Keep"/>.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Written">Whether its states are in the database.</param>
    public sealed record Kept(int Shard, bool Written) : IShardMessage;
}
