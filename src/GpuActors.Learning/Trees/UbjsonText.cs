using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace GpuActors.Learning.Trees;

/// <summary>
/// Converts UBJSON (draft 12) as XGBoost writes it to JSON: containers with and without type and count. Infinite numbers and NaN become the
/// texts <c>Infinity</c>, <c>-Infinity</c> and <c>NaN</c>.
/// </summary>
internal sealed class UbjsonText
{
    private const int MaxDepth = 60;
    private readonly byte[] _bytes;
    private readonly Utf8JsonWriter _json;
    private int _at;

    private UbjsonText(byte[] bytes, Utf8JsonWriter json)
    {
        _bytes = bytes;
        _json = json;
    }

    /// <summary>Whether a file can be UBJSON: an object whose first key has a length marker, where JSON has a quotation mark.</summary>
    public static bool IsUbjson(ReadOnlySpan<byte> bytes) => bytes is [(byte)'{', var next, ..] && "iUIlL#$N".Contains((char)next);

    /// <summary>Converts a whole file.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged or truncated; the message says the position.</exception>
    public static byte[] ToJson(byte[] bytes)
    {
        var output = new ArrayBufferWriter<byte>(bytes.Length * 2);
        using var json = new Utf8JsonWriter(output);
        var reader = new UbjsonText(bytes, json);
        reader.Value(reader.Marker(), 0);
        if (reader._at != bytes.Length)
        {
            throw reader.Damaged($"{bytes.Length - reader._at} bytes follow the end of the document");
        }

        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private void Value(char marker, int depth)
    {
        switch (marker)
        {
            case 'Z':
                _json.WriteNullValue();
                break;
            case 'T':
            case 'F':
                _json.WriteBooleanValue(marker == 'T');
                break;
            case 'i' or 'U' or 'I' or 'l' or 'L':
                _json.WriteNumberValue(Integer(marker));
                break;
            case 'd':
                var single = BinaryPrimitives.ReadSingleBigEndian(Take(4));
                Number(single, float.IsFinite(single) ? () => _json.WriteNumberValue(single) : null);
                break;
            case 'D':
                var wide = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                Number(wide, double.IsFinite(wide) ? () => _json.WriteNumberValue(wide) : null);
                break;
            case 'C':
                _json.WriteStringValue(Encoding.Latin1.GetString(Take(1)));
                break;
            case 'S':
                _json.WriteStringValue(Text());
                break;
            case '[':
                Array(Deeper(depth));
                break;
            case '{':
                Object(Deeper(depth));
                break;
            default:
                throw Damaged($"0x{(int)marker:x2} is no type that a model has");
        }
    }

    private void Number(double value, Action? write)
    {
        if (write is not null)
        {
            write();
            return;
        }

        _json.WriteStringValue(
            double.IsNaN(value) ? "NaN"
            : value > 0 ? "Infinity"
            : "-Infinity"
        );
    }

    private void Array(int depth)
    {
        var (type, count) = Header();
        _json.WriteStartArray();
        for (long i = 0; count is { } n ? i < n : !End(']'); i++)
        {
            Value(type ?? Marker(), depth);
        }

        _json.WriteEndArray();
    }

    private void Object(int depth)
    {
        var (type, count) = Header();
        _json.WriteStartObject();
        for (long i = 0; count is { } n ? i < n : !End('}'); i++)
        {
            _json.WritePropertyName(Text());
            Value(type ?? Marker(), depth);
        }

        _json.WriteEndObject();
    }

    private (char? Type, long? Count) Header()
    {
        char? type = null;
        if (Peek() == '$')
        {
            _at++;
            type = (char)Take(1)[0];
        }

        if (Peek() == '#')
        {
            _at++;
            return (type, Length());
        }

        return type is null ? (null, null) : throw Damaged("a container with a type must have a count");
    }

    private string Text() => Encoding.UTF8.GetString(Take((int)Length()));

    // Lengths occur in both byte orders; the one that fits into the file is meant. Every element has at least one byte.
    private long Length()
    {
        var marker = Marker();
        var start = _at;
        var length = Integer(marker);
        if (Fits(length))
        {
            return length;
        }

        var reversed = marker switch
        {
            'I' => BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(start)),
            'l' => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(start)),
            'L' => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(start)),
            _ => -1,
        };
        return Fits(reversed) ? reversed : throw Damaged($"the length {length} is larger than what follows, or negative");
    }

    private bool Fits(long length) => length >= 0 && length <= _bytes.Length - _at;

    private long Integer(char marker) =>
        marker switch
        {
            'i' => (sbyte)Take(1)[0],
            'U' => Take(1)[0],
            'I' => BinaryPrimitives.ReadInt16BigEndian(Take(2)),
            'l' => BinaryPrimitives.ReadInt32BigEndian(Take(4)),
            'L' => BinaryPrimitives.ReadInt64BigEndian(Take(8)),
            _ => throw Damaged($"0x{(int)marker:x2} is no integer type"),
        };

    private bool End(char end)
    {
        SkipNoOps();
        if (Peek() != end)
        {
            return false;
        }

        _at++;
        return true;
    }

    private char Marker()
    {
        SkipNoOps();
        return (char)Take(1)[0];
    }

    private void SkipNoOps()
    {
        while (Peek() == 'N')
        {
            _at++;
        }
    }

    private char Peek() => _at < _bytes.Length ? (char)_bytes[_at] : throw Damaged("the file is truncated");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw Damaged("the file is truncated");
        }

        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private int Deeper(int depth) => depth < MaxDepth ? depth + 1 : throw Damaged("it is nested too deeply for a model");

    private InvalidDataException Damaged(string problem) => new($"UBJSON, byte {_at}: {problem}");
}
