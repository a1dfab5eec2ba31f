namespace GpuActors.Kafka.Batching;

/// <summary>The open batch of each partition, by number. Not thread-safe.</summary>
internal sealed class PartitionSlots<T>
    where T : class
{
    private T?[] _slots = new T?[16];

    public T? this[int partition]
    {
        get => partition < _slots.Length ? _slots[partition] : null;
        set
        {
            if (partition >= _slots.Length)
            {
                Array.Resize(ref _slots, Math.Max(partition + 1, _slots.Length * 2));
            }

            _slots[partition] = value;
        }
    }

    public T? Take(int partition)
    {
        var taken = this[partition];
        this[partition] = null;
        return taken;
    }
}
