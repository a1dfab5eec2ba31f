using System.Diagnostics.CodeAnalysis;

namespace GpuActors.Kafka.Batching;

/// <summary>Keeps a bounded number of batches for reuse and drops the others. Thread-safe.</summary>
internal sealed class BatchPool<TBatch>(int capacity)
    where TBatch : class
{
    private readonly Lock _gate = new();
    private readonly Stack<TBatch> _free = new();

    public bool TryTake([NotNullWhen(true)] out TBatch? batch)
    {
        lock (_gate)
        {
            return _free.TryPop(out batch);
        }
    }

    public void Return(TBatch batch)
    {
        lock (_gate)
        {
            if (_free.Count < capacity)
            {
                _free.Push(batch);
            }
        }
    }
}
