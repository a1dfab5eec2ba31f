namespace GpuActors.Core.Gpus;

/// <summary>
/// The last offset seen of each partition. The records of a GPU come from one partition; others appear only with records of a foreign
/// partitioner or after a change of the partition count. So the first partition is stored in fields, without a dictionary.
/// </summary>
internal struct Watermarks
{
    private int _partition;
    private long _offset;
    private bool _any;
    private Dictionary<int, long>? _others;

    /// <summary>Moves the watermark of a partition on to an offset.</summary>
    /// <returns>False when this offset or a later one was seen before.</returns>
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
