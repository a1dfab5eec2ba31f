namespace GpuActors.Engine.Protocol;

/// <summary>
/// The acknowledgement of one batch: complete when every part of it is handled. On one node an acknowledgement is one decrement, no message
/// and no task per part.
/// </summary>
internal sealed class BatchTicket(long batchNo)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The part of whoever hands out the others: without it the first quick answer would complete the batch.
    private int _outstanding = 1;

    public long BatchNo { get; } = batchNo;

    public Task Done => _done.Task;

    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>One more part has to be completed.</summary>
    public void Add() => Interlocked.Increment(ref _outstanding);

    /// <summary>A part is handled.</summary>
    public void Complete()
    {
        if (Interlocked.Decrement(ref _outstanding) == 0)
        {
            _done.TrySetResult();
        }
    }
}
