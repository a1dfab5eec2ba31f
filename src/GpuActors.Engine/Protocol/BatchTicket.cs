namespace GpuActors.Engine.Protocol;

/// <summary>
/// The acknowledgement of one batch: complete when every part of it is. On one node an acknowledgement is one decrement, without a message
/// or a task per part. Thread-safe.
/// </summary>
internal sealed class BatchTicket(long batchNo)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The sender's own part, completed when all others are sent: without it, a quick answer to the first part would complete the batch.
    private int _outstanding = 1;

    public long BatchNo { get; } = batchNo;

    public Task Done => _done.Task;

    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Adds a part.</summary>
    public void Add() => Interlocked.Increment(ref _outstanding);

    /// <summary>Completes a part.</summary>
    public void Complete()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0)
        {
            _done.TrySetResult();
        }
    }
}
