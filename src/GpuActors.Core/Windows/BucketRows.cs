namespace GpuActors.Core.Windows;

/// <summary>
/// The closed minutes or hours of a GPU: a ring of rows with one packed bucket per metric, numbered by minutes or hours since 1970. It
/// takes room for the span that it has seen, so that a young GPU is small. Rows are dropped as time goes on.
/// </summary>
/// <param name="metrics">Buckets in a row.</param>
/// <param name="most">Most rows.</param>
internal sealed class BucketRows(int metrics, int most)
{
    private PackedBucket[] _buckets = [];
    private int _capacity;
    private int _start;
    private int _count;

    /// <summary>Number of the oldest row.</summary>
    public long First { get; private set; }

    /// <summary>Number after the newest row; equal to <see cref="First"/> when there is none.</summary>
    public long End => First + _count;

    /// <summary>The row of a number, which must be held.</summary>
    public Span<PackedBucket> this[long number] => _buckets.AsSpan((_start + (int)(number - First)) % _capacity * metrics, metrics);

    /// <summary>Whether any metric has values in the row of a number, which must be held.</summary>
    public bool HasValues(long number)
    {
        foreach (var bucket in this[number])
        {
            if (!bucket.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The row of a number, which is made where it is not held. The numbers held must stay within the span.</summary>
    public Span<PackedBucket> Open(long number)
    {
        if (_count == 0)
        {
            (First, _start) = (number, 0);
            Extend(number, 1);
        }
        else if (number < First)
        {
            var added = (int)(First - number);
            Reserve(_count + added);
            (First, _start) = (number, (_start - added + _capacity) % _capacity);
            Extend(number, added);
        }
        else if (number >= End)
        {
            Extend(End, (int)(number - End) + 1);
        }

        return this[number];
    }

    /// <summary>Drops the rows before a number.</summary>
    public void DropBefore(long number)
    {
        var dropped = (int)Math.Clamp(number - First, 0, _count);
        if (dropped > 0)
        {
            _start = (_start + dropped) % _capacity;
            _count -= dropped;
            First += dropped;
        }
    }

    /// <summary>Drops all rows.</summary>
    public void Clear() => _count = 0;

    // Makes empty rows, which lie within the ring's order already.
    private void Extend(long from, int added)
    {
        Reserve(_count + added);
        _count += added;
        for (var number = from; number < from + added; number++)
        {
            this[number].Clear();
        }
    }

    private void Reserve(int count)
    {
        if (count <= _capacity)
        {
            return;
        }

        if (count > most)
        {
            throw new InvalidOperationException($"{count} rows of windows: at most {most} fit");
        }

        var capacity = Math.Min(Math.Max(count, Math.Max(2, _capacity * 2)), most);
        var larger = new PackedBucket[capacity * metrics];
        for (var i = 0; i < _count; i++)
        {
            this[First + i].CopyTo(larger.AsSpan(i * metrics));
        }

        (_buckets, _capacity, _start) = (larger, capacity, 0);
    }
}
