namespace GpuActors.Core.Gpus;

/// <summary>
/// The last offset seen of each partition. A GPU's records come from one partition; a second one appears only when a foreign partitioner or
/// a changed partition count has been at work, so the first stands in a field of its own.
/// </summary>
internal struct Watermarks
{
    private int _partition;
    private long _offset;
    private bool _any;
    private Dictionary<int, long>? _others;

    /// <summary>Moves on to an offset.</summary>
    /// <returns>False when it, or a later one, was seen.</returns>
    public bool Advance(int partition, long offset)
    {
        if (!_any)
        {
            _any = true;
            _partition = partition;
            _offset = offset;
            return true;
        }

        if (partition == _partition)
        {
            var isNew = offset > _offset;
            _offset = isNew ? offset : _offset;
            return isNew;
        }

        _others ??= [];
        if (_others.TryGetValue(partition, out var seen) && offset <= seen)
        {
            return false;
        }

        _others[partition] = offset;
        return true;
    }

    public readonly void Save(BinaryWriter writer)
    {
        writer.Write(_any);
        writer.Write7BitEncodedInt(_partition);
        writer.Write7BitEncodedInt64(_offset);
        writer.Write7BitEncodedInt(_others?.Count ?? 0);
        foreach (var (partition, offset) in _others ?? [])
        {
            writer.Write7BitEncodedInt(partition);
            writer.Write7BitEncodedInt64(offset);
        }
    }

    public static Watermarks Load(BinaryReader reader)
    {
        var marks = new Watermarks
        {
            _any = reader.ReadBoolean(),
            _partition = reader.Read7BitEncodedInt(),
            _offset = reader.Read7BitEncodedInt64(),
        };
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            (marks._others ??= [])[reader.Read7BitEncodedInt()] = reader.Read7BitEncodedInt64();
        }

        return marks;
    }
}
