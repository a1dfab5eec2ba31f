using System.Buffers.Binary;

namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>
/// Walks over an encoded message. At the first thing that Protobuf does not allow it says so in <see cref="Fault"/> and stays; it never
/// throws.
/// </summary>
/// <param name="bytes">The message.</param>
/// <param name="offset">Where it starts in the record, for the texts.</param>
internal ref struct ProtobufCursor(ReadOnlySpan<byte> bytes, int offset = 0)
{
    // Unknown fields may be groups within groups: Google's own readers stop at the same depth.
    private const int DeepestGroup = 100;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>What is wrong and at which byte of the record; null so far.</summary>
    public string? Fault { get; private set; }

    /// <summary>True behind the last byte.</summary>
    public readonly bool AtEnd => _at == _bytes.Length;

    /// <summary>Position in the record.</summary>
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
            return Fail($"{tag} is no tag of a field", start);
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

    /// <summary>Reads a uint32. Of a longer number the lower half counts, as Protobuf has it.</summary>
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
            return Fail($"{length} bytes are announced and {_bytes.Length - _at} are left", start);
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

    /// <summary>Passes over the value of a field that this build does not know.</summary>
    public bool TrySkip(int field, int wireType) => TrySkip(field, wireType, 0);

    /// <summary>Notes what is wrong at <paramref name="at"/> of the record, and is false.</summary>
    public bool Fail(string what, int at)
    {
        Fault ??= $"Not well-formed Protobuf at byte {at}: {what}";
        return false;
    }

    /// <summary>Takes over what a cursor within this one found wrong, and is false.</summary>
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
                        : $"field {field} has wire type {wireType}, which does not exist",
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
