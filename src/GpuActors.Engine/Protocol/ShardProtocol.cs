using GpuActors.Core.Gpus;

namespace GpuActors.Engine.Protocol;

/// <summary>
/// The messages between nodes about whole shards: where a shard is, asked before its partition's samples are sent to it, and requests for a
/// checkpoint, sent before the committed offset of another partition moves.
/// </summary>
public static class ShardProtocol
{
    /// <summary>A message of this protocol: bound to <see cref="ShardMessageSerializer"/>.</summary>
    public interface IShardMessage;

    /// <summary>A message to a shard rather than to one of its GPUs.</summary>
    public interface IWithShard
    {
        /// <summary>The shard: a partition number.</summary>
        int Shard { get; }
    }

    /// <summary>A message that makes a shard do something.</summary>
    public interface IShardCommand : IWithShard;

    /// <summary>A question to a shard, without side effects on its GPUs.</summary>
    public interface IShardQuery : IWithShard;

    /// <summary>
    /// Asks a shard for its node; the shard is started where its partition is consumed. Answered by <see cref="Here"/>, and not answered
    /// while the shard moves.
    /// </summary>
    /// <param name="Shard">The shard: a partition number.</param>
    public sealed record WhereIs(int Shard) : IShardQuery, IShardMessage;

    /// <summary>Answers <see cref="WhereIs"/>.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Node">Address of its node.</param>
    public sealed record Here(int Shard, string Node) : IShardMessage;

    /// <summary>
    /// Asks for a checkpoint of a shard whose GPUs have had records on another partition. Answered by <see cref="Kept"/>, and not answered
    /// while the shard moves.
    /// </summary>
    /// <param name="Shard">The shard: a partition number.</param>
    public sealed record Keep(int Shard) : IShardCommand, IShardMessage;

    /// <summary>Answers <see cref="Keep"/>.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Written">Whether its states are in the database.</param>
    public sealed record Kept(int Shard, bool Written) : IShardMessage;

    /// <summary>
    /// Retires the GPUs of a shard that belong to a host or rack, or one GPU. Answered by <see cref="GpusRetired"/>, and not answered while
    /// the shard moves.
    /// </summary>
    /// <param name="Shard">The shard: a partition number.</param>
    /// <param name="Scope">What is retired.</param>
    /// <param name="Name">Its id or name.</param>
    public sealed record RetireGpus(int Shard, RetireScope Scope, string Name) : IShardCommand, IShardMessage;

    /// <summary>Answers <see cref="RetireGpus"/>.</summary>
    /// <param name="Shard">The shard.</param>
    /// <param name="Count">GPUs that were retired.</param>
    public sealed record GpusRetired(int Shard, int Count) : IShardMessage;
}
