using System.Buffers.Binary;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// Reads an encoded Protobuf message field by field. At the first error the methods return false, and <see cref="Fault"/> describes the
/// error. Never throws.
/// </summary>
/// <param name="bytes">The message.</param>
/// <param name="offset">Position of the message in the record, in bytes, for error texts.</param>
internal ref struct ProtobufCursor(ReadOnlySpan<byte> bytes, int offset = 0)
{
    // Unknown fields may be nested groups. Google's Protobuf readers have the same limit.
    private const int DeepestGroup = 100;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>The first error and its position in the record; null if there is none so far.</summary>
    public string? Fault { get; private set; }

    /// <summary>True if the whole message was read.</summary>
    public readonly bool AtEnd => _at == _bytes.Length;

    /// <summary>Current position in the record, in bytes.</summary>
    public readonly int Offset => offset + _at;

    public bool TryTag(out int field, out int wireType)
    {
        var start = Offset;
        field = wireType = 0;
        if (!TryVarint(out var tag))
        {
            return false;
        }

        wireType = (int)(tag & 7);
        if (tag > uint.MaxValue || tag >> 3 == 0)
        {
            return Fail($"{tag} is not a valid field tag", start);
        }

        field = (int)(tag >> 3);
        return true;
    }

    public bool TryVarint(out ulong value)
    {
        value = 0;
        var start = _at;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_at == _bytes.Length)
            {
                return Fail("the record ends within a number", offset + start);
            }

            var b = _bytes[_at++];
            if (shift == 63 && b > 1)
            {
                break;
            }

            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return true;
            }
        }

        return Fail("a number is longer than 64 bits", offset + start);
    }

    /// <summary>Reads a uint32. A longer number is truncated to its lower 32 bits, as Protobuf specifies.</summary>
    public bool TryUInt32(out uint value)
    {
        var read = TryVarint(out var bits);
        value = (uint)bits;
        return read;
    }

    /// <summary>Reads an int64.</summary>
    public bool TryInt64(out long value)
    {
        var read = TryVarint(out var bits);
        value = (long)bits;
        return read;
    }

    public bool TryBytes(out ReadOnlySpan<byte> value)
    {
        value = default;
        var start = Offset;
        if (!TryVarint(out var length))
        {
            return false;
        }

        if (length > (ulong)(_bytes.Length - _at))
        {
            return Fail($"the field has a length of {length} bytes, but only {_bytes.Length - _at} bytes are left", start);
        }

        value = _bytes.Slice(_at, (int)length);
        _at += (int)length;
        return true;
    }

    public bool TryDouble(out double value)
    {
        value = double.NaN;
        if (_bytes.Length - _at < sizeof(double))
        {
            return Fail("the record ends within a number", Offset);
        }

        value = BinaryPrimitives.ReadDoubleLittleEndian(_bytes[_at..]);
        _at += sizeof(double);
        return true;
    }

    /// <summary>Skips the value of an unknown field.</summary>
    public bool TrySkip(int field, int wireType) => TrySkip(field, wireType, 0);

    /// <summary>Records an error at position <paramref name="at"/> of the record and returns false.</summary>
    public bool Fail(string what, int at)
    {
        Fault ??= $"Not well-formed Protobuf at byte {at}: {what}";
        return false;
    }

    /// <summary>Records the error of a cursor over an embedded message and returns false.</summary>
    public bool Fail(string fault)
    {
        Fault ??= fault;
        return false;
    }

    private bool TrySkip(int field, int wireType, int depth)
    {
        switch (wireType)
        {
            case SampleWire.Varint:
                return TryVarint(out _);
            case SampleWire.Bytes:
                return TryBytes(out _);
            case SampleWire.Fixed64:
                return TryPass(sizeof(long));
            case SampleWire.Fixed32:
                return TryPass(sizeof(int));
            case SampleWire.StartGroup:
                return TrySkipGroup(field, depth + 1);
            default:
                return Fail(
                    wireType == SampleWire.EndGroup
                        ? $"group {field} ends without a start"
                        : $"field {field} has the invalid wire type {wireType}",
                    Offset
                );
        }
    }

    private bool TrySkipGroup(int group, int depth)
    {
        if (depth > DeepestGroup)
        {
            return Fail($"groups are nested more than {DeepestGroup} deep", Offset);
        }

        while (true)
        {
            if (!TryTag(out var field, out var wireType))
            {
                return false;
            }

            if (wireType == SampleWire.EndGroup)
            {
                return field == group || Fail($"group {group} ends as group {field}", Offset);
            }

            if (!TrySkip(field, wireType, depth))
            {
                return false;
            }
        }
    }

    private bool TryPass(int length)
    {
        if (_bytes.Length - _at < length)
        {
            return Fail("the record ends within a number", Offset);
        }

        _at += length;
        return true;
    }
}
