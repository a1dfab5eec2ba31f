namespace GpuActors.Testing;

/// <summary>Random damage to records, as caused by networks, disks and faulty producers.</summary>
public static class Mutations
{
    private static readonly byte[] Telling = "{}[]\",:\\ \n\t0123456789.-+eE#nulNaNInf\0\u007f"u8.ToArray();

    /// <summary>
    /// Returns a copy of <paramref name="original"/> with one to three changes: bytes replaced, inserted, removed or repeated, or the end
    /// cut off.
    /// </summary>
    public static byte[] Of(ReadOnlySpan<byte> original, Random random)
    {
        var bytes = new List<byte>(original.ToArray());
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = Telling[random.Next(Telling.Length)];
                    break;
                case 2:
                    bytes.Insert(at, Telling[random.Next(Telling.Length)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
