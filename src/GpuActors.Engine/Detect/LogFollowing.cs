namespace GpuActors.Engine.Detect;

/// <summary>
/// Makes the consumer of kernel logs read the same partitions as the consumer of samples on this node, so that both reach a GPU's actor on
/// the same node and one checkpoint covers both offsets.
/// </summary>
/// <param name="Follow">Starts reading a partition at an offset; null for the committed offset.</param>
/// <param name="LeaveAsync">Stops reading a partition; completes when its batches are done.</param>
public sealed record LogFollowing(Action<int, long?> Follow, Func<int, Task> LeaveAsync);
