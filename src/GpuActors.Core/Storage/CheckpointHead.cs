namespace GpuActors.Core.Storage;

/// <summary>What a checkpoint of a shard says of itself, apart from the states of its GPUs.</summary>
/// <param name="Shard">The shard: a partition number.</param>
/// <param name="Number">Its number: 1 for the first checkpoint of the shard, and one more with each that is written.</param>
/// <param name="Epoch">Number of the ownership that wrote it: grows with every node that takes the shard over.</param>
/// <param name="Offset">Offset in the shard's partition that the states have reached at least; 0 for none.</param>
/// <param name="LogOffset">The same for the shard's kernel log lines; null when none was read.</param>
/// <param name="AlertOffset">Offset in the shard's partition of the alert topic: a transition that the states do not know of has this
/// offset or a higher one; null when nobody has noted it.</param>
public sealed record CheckpointHead(int Shard, long Number, long Epoch, long Offset, long? LogOffset, long? AlertOffset);
