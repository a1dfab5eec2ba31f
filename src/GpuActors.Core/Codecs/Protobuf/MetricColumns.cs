using System.Buffers.Binary;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// The field ids and values of a record, which stand in two lists. A producer's ids are the same from record to record: their slots are
/// looked up again only when the bytes differ.
/// </summary>
internal sealed class MetricColumns
{
    // Far more than DCGM has fields; a bound for records that mean harm.
    private const int Most = 4096;

    private readonly int[] _slots = new int[Most];
    private readonly double[] _values = new double[Most];
    private byte[] _ids = new byte[512];
    private int _idsLength;
    private int _idsCount;
    private int _idCount;
    private int _valueCount;

    /// <summary>Forgets the last record's.</summary>
    public void Clear() => _idCount = _valueCount = 0;

    /// <summary>Takes field ids, packed or (as older serializers write them) one by one.</summary>
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

    /// <summary>Takes values, packed or one by one.</summary>
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
            return at.Fail($"{packed.Length} bytes are no whole number of values", start);
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

    /// <summary>Puts the values into their slots.</summary>
    /// <returns>Metrics that the catalogue does not have; -1 when there are not as many ids as values.</returns>
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

    /// <summary>How many ids and values there are, in words.</summary>
    public string Counts => $"{_idCount} metric ids and {_valueCount} values; one value per id is wanted";

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
        if (_idCount == Most)
        {
            return at.Fail($"there are more than {Most} metrics", at.Offset);
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
        if (_valueCount == Most)
        {
            return at.Fail($"there are more than {Most} metrics", at.Offset);
        }

        _values[_valueCount++] = value;
        return true;
    }
}
