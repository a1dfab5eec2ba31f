using System.Buffers.Binary;
using System.Text;

namespace GpuActors.Fuzzing;

/// <summary>Damages inputs as networks, disks, faulty producers and attackers do.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly byte[] Telling = "{}[]\",:\\ \n\t=#0123456789.-+eEnulNaINf\0\u007f"u8.ToArray();

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "null",
            "true",
            "NaN",
            "Infinity",
            "\\u0000",
            "\\ud800",
            "\\\"",
            "{\"a\":",
            "[[",
            "\"v\":1",
            "\"m\":{",
            "\"gpu\":\"",
            "\"schema_version\":\"1.0\"",
            "\"ts\":\"",
            "GPU-ffffffff-6156-355b-e589-ff2064894f16",
            "UUID=\"",
            "nvlink=\"3\"",
            "GPU_I_ID=\"1\"",
            "# EOF\n",
            "\r\n",
            "\u00e9",
            "\U0001F4A5",
            "xid=\"79\"",
            "DCGM_FI_DEV_GPU_TEMP",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        [0xff, 0xff, 0xff, 0xff, 0x0f],
        [0x7b],
        [0x7c],
        [0x00],
        [0xc3],
        [0xed, 0xa0, 0x80],
    ];

    private static readonly string[] Numbers =
    [
        "0",
        "-0",
        "-1",
        "1e999",
        "-1e999",
        "1e-999",
        "0.1",
        "00",
        "1.",
        ".5",
        "2147483632",
        "2147483648",
        "4294967295",
        "140737488355328",
        "9223372036854775792",
        "9223372036854775808",
        "18446744073709551616",
        "123456789012345678901234567890",
        "0.00000000000000000000000000000001",
        "1795435200",
        "9999999999999",
        "644245923",
        "79",
    ];

    /// <summary>Returns a copy of one of <paramref name="seeds"/> with one to five changes, occasionally with none.</summary>
    public byte[] Next(IReadOnlyList<byte[]> seeds)
    {
        var bytes = new List<byte>(seeds[random.Next(seeds.Count)]);
        for (var changes = random.Next(-1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            Change(bytes, seeds);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes, IReadOnlyList<byte[]> seeds)
    {
        var at = random.Next(bytes.Count);
        var length = Math.Min(random.Next(4) == 0 ? random.Next(1, 200) : random.Next(1, 12), bytes.Count - at);
        switch (random.Next(12))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = Telling[random.Next(Telling.Length)];
                break;
            case 3:
                bytes.Insert(at, Telling[random.Next(Telling.Length)]);
                break;
            case 4:
                bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
            case 5:
                bytes.RemoveRange(at, length);
                break;
            case 6:
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 7:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 8:
                Splice(bytes, at, seeds[random.Next(seeds.Count)]);
                break;
            case 9:
                Overwrite(bytes, at, length);
                break;
            default:
                ChangeNumber(bytes, at);
                break;
        }
    }

    private void Splice(List<byte> bytes, int at, byte[] other)
    {
        var from = random.Next(other.Length);
        bytes.RemoveRange(at, bytes.Count - at);
        bytes.AddRange(other.AsSpan(from));
    }

    // Changing eight bytes at once affects whole doubles and lengths in Protobuf.
    private void Overwrite(List<byte> bytes, int at, int length)
    {
        var value = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(
            value,
            random.Next(4) switch
            {
                0 => double.NaN,
                1 => double.NegativeInfinity,
                2 => double.Epsilon,
                _ => random.NextDouble() * 1e6,
            }
        );
        for (var i = 0; i < Math.Min(length, value.Length); i++)
        {
            bytes[at + i] = value[i];
        }
    }

    private void ChangeNumber(List<byte> bytes, int at)
    {
        for (; at < bytes.Count && bytes[at] is < (byte)'0' or > (byte)'9'; at++) { }

        var end = at;
        for (; end < bytes.Count && bytes[end] is (>= (byte)'0' and <= (byte)'9') or (byte)'.'; end++) { }

        bytes.RemoveRange(at, end - at);
        bytes.InsertRange(at, Encoding.ASCII.GetBytes(Numbers[random.Next(Numbers.Length)]));
    }
}
