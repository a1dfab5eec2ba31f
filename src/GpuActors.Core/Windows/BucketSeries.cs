namespace GpuActors.Core.Windows;

/// <summary>
/// Buckets of one width over a rolling span, oldest first. Only buckets that hold values take room, so a GPU that was first seen an hour
/// ago is small. Values may come late: one inside the span lands in its bucket, an older one is refused and counted by the caller.
/// </summary>
internal sealed class BucketSeries(long widthMs, int span)
{
    private (long Number, Bucket Bucket)[] _buckets = [];
    private int _count;

    public int Count => _count;

    /// <summary>Adds a value at a time.</summary>
    /// <returns>False when the time lies before the span.</returns>
    public bool Add(long timeMs, double value)
    {
        var number = timeMs / widthMs;
        if (_count > 0 && _buckets[_count - 1].Number == number)
        {
            _buckets[_count - 1].Bucket.Add(value);
            return true;
        }

        if (_count > 0 && number <= _buckets[_count - 1].Number - span)
        {
            return false;
        }

        var at = Place(number);
        _buckets[at].Bucket.Add(value);
        Trim();
        return true;
    }

    /// <summary>
    /// All values of the newest <paramref name="buckets"/> bucket widths up to and including the one of <paramref name="nowMs"/>.
    /// </summary>
    public Bucket Last(int buckets, long nowMs)
    {
        var newest = nowMs / widthMs;
        var sum = default(Bucket);
        for (var i = 0; i < _count; i++)
        {
            if (_buckets[i].Number > newest - buckets && _buckets[i].Number <= newest)
            {
                sum.Add(_buckets[i].Bucket);
            }
        }

        return sum;
    }

    /// <summary>
    /// How many of the newest <paramref name="buckets"/> bucket widths, up to and including the one of <paramref name="nowMs"/>, hold
    /// values.
    /// </summary>
    public int Covered(int buckets, long nowMs)
    {
        var newest = nowMs / widthMs;
        var covered = 0;
        for (var i = 0; i < _count; i++)
        {
            covered += _buckets[i].Number > newest - buckets && _buckets[i].Number <= newest ? 1 : 0;
        }

        return covered;
    }

    /// <summary>Means of the complete buckets before the one of <paramref name="nowMs"/>, oldest first.</summary>
    public List<(long Number, double Mean)> Means(long nowMs)
    {
        var newest = nowMs / widthMs;
        var means = new List<(long, double)>(_count);
        for (var i = 0; i < _count; i++)
        {
            if (_buckets[i].Number < newest && _buckets[i].Number > newest - span)
            {
                means.Add((_buckets[i].Number, _buckets[i].Bucket.Mean));
            }
        }

        return means;
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_count);
        var before = 0L;
        for (var i = 0; i < _count; i++)
        {
            writer.Write7BitEncodedInt64(_buckets[i].Number - before);
            before = _buckets[i].Number;
            _buckets[i].Bucket.Save(writer);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        _count = reader.Read7BitEncodedInt();
        if (_count < 0 || _count > span)
        {
            throw new FormatException($"{_count} buckets where at most {span} fit");
        }

        _buckets = new (long, Bucket)[_count];
        for (var i = 0; i < _count; i++)
        {
            var number = reader.Read7BitEncodedInt64() + (i == 0 ? 0 : _buckets[i - 1].Number);
            _buckets[i] = (number, Bucket.Load(reader));
        }
    }

    // The place of the bucket with this number, made where there is none.
    private int Place(long number)
    {
        var at = _count;
        while (at > 0 && _buckets[at - 1].Number > number)
        {
            at--;
        }

        if (at > 0 && _buckets[at - 1].Number == number)
        {
            return at - 1;
        }

        if (_count == _buckets.Length)
        {
            Array.Resize(ref _buckets, Math.Clamp(_count * 2, 2, span + 1));
        }

        Array.Copy(_buckets, at, _buckets, at + 1, _count - at);
        _buckets[at] = (number, default);
        _count++;
        return at;
    }

    private void Trim()
    {
        var oldest = _buckets[_count - 1].Number - span;
        var drop = 0;
        while (drop < _count && _buckets[drop].Number <= oldest)
        {
            drop++;
        }

        if (drop > 0)
        {
            Array.Copy(_buckets, drop, _buckets, 0, _count - drop);
            _count -= drop;
        }
    }
}
