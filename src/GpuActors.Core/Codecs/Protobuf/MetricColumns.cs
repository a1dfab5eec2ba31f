using System.Buffers.Binary;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// The two lists of a Protobuf sample: field ids and values. A producer usually sends the same ids in every record, so the slots of the ids
/// are looked up again only if their bytes differ from those of the previous record.
/// </summary>
internal sealed class MetricColumns
{
    // Far more than the number of DCGM fields. It bounds the work for malicious records.
    private const int MaxMetrics = 4096;

    private readonly int[] _slots = new int[MaxMetrics];
    private readonly double[] _values = new double[MaxMetrics];
    private byte[] _ids = new byte[512];
    private int _idsLength;
    private int _idsCount;
    private int _idCount;
    private int _valueCount;

    /// <summary>Clears both lists for the next record.</summary>
    public void Clear() => _idCount = _valueCount = 0;

    /// <summary>Reads field ids, packed or, as older serializers write them, one by one.</summary>
    public bool TakeIds(ref ProtobufCursor at, int wireType)
    {
        if (wireType == SampleWire.Varint)
        {
            return at.TryUInt32(out var id) && Add(ref at, id);
        }

        if (!at.TryBytes(out var packed))
        {
            return false;
        }

        if (_idCount == 0 && packed.SequenceEqual(_ids.AsSpan(0, _idsLength)))
        {
            _idCount = _idsCount;
            return true;
        }

        var isWhole = _idCount == 0;
        var ids = new ProtobufCursor(packed, at.Offset - packed.Length);
        while (!ids.AtEnd)
        {
            if (!ids.TryUInt32(out var id) || !Add(ref ids, id))
            {
                return at.Fail(ids.Fault!);
            }
        }

        if (isWhole)
        {
            Remember(packed);
        }

        return true;
    }

    /// <summary>Reads values, packed or one by one.</summary>
    public bool TakeValues(ref ProtobufCursor at, int wireType)
    {
        if (wireType == SampleWire.Fixed64)
        {
            return at.TryDouble(out var value) && Add(ref at, value);
        }

        var start = at.Offset;
        if (!at.TryBytes(out var packed))
        {
            return false;
        }

        if (packed.Length % sizeof(double) != 0)
        {
            return at.Fail($"the packed values have {packed.Length} bytes, which is not a multiple of {sizeof(double)}", start);
        }

        for (; !packed.IsEmpty; packed = packed[sizeof(double)..])
        {
            if (!Add(ref at, BinaryPrimitives.ReadDoubleLittleEndian(packed)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes the values into the slots of a sample.</summary>
    /// <returns>Number of metrics that the catalogue does not contain; -1 if the numbers of ids and values differ.</returns>
    public int Fill(GpuSample sample)
    {
        if (_idCount != _valueCount)
        {
            return -1;
        }

        var unknown = 0;
        var into = sample.Values;
        var slots = _slots.AsSpan(0, _idCount);
        var values = _values.AsSpan(0, _idCount);
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i] >= 0)
            {
                into[slots[i]] = values[i];
            }
            else
            {
                unknown++;
            }
        }

        return unknown;
    }

    /// <summary>The error text for a record whose numbers of ids and values differ.</summary>
    public string Counts => $"The record has {_idCount} metric ids and {_valueCount} values: there must be one value per id";

    private void Remember(ReadOnlySpan<byte> packed)
    {
        if (packed.Length > _ids.Length)
        {
            _ids = new byte[packed.Length];
        }

        packed.CopyTo(_ids);
        _idsLength = packed.Length;
        _idsCount = _idCount;
    }

    private bool Add(ref ProtobufCursor at, uint id)
    {
        if (_idCount == MaxMetrics)
        {
            return at.Fail($"there are more than {MaxMetrics} metrics", at.Offset);
        }

        if (_idCount < _idsCount)
        {
            _idsLength = _idsCount = 0;
        }

        _slots[_idCount++] = FieldSlots.Of(id);
        return true;
    }

    private bool Add(ref ProtobufCursor at, double value)
    {
        if (_valueCount == MaxMetrics)
        {
            return at.Fail($"there are more than {MaxMetrics} metrics", at.Offset);
        }

        _values[_valueCount++] = value;
        return true;
    }
}
