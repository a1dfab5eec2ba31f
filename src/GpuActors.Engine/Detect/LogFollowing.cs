namespace GpuActors.Engine.Detect;

/// <summary>
/// Makes the consumer of kernel logs read the partitions that this node reads samples of: lines and samples of a GPU then meet on one node,
/// and one checkpoint holds how far both are.
/// </summary>
/// <param name="Follow">Reads a partition from an offset on; null: from the committed one.</param>
/// <param name="LeaveAsync">Reads it no longer; completes when its batches are done.</param>
public sealed record LogFollowing(Action<int, long?> Follow, Func<int, Task> LeaveAsync);
