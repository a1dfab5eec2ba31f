namespace GpuActors.Core.Codecs.Protobuf;

/// <summary>Field numbers of <c>sample.proto</c> and wire types of Protobuf.</summary>
internal static class SampleWire
{
    public const int Version = 1;
    public const int Gpu = 2;
    public const int Time = 3;
    public const int Host = 4;
    public const int Index = 5;
    public const int Pci = 6;
    public const int Model = 7;
    public const int Driver = 8;
    public const int Workload = 9;
    public const int FieldIds = 10;
    public const int Values = 11;
    public const int XidCounts = 12;

    public const int Namespace = 1;
    public const int Pod = 2;
    public const int Container = 3;

    public const int XidCode = 1;
    public const int XidOccurrences = 2;

    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Bytes = 2;
    public const int StartGroup = 3;
    public const int EndGroup = 4;
    public const int Fixed32 = 5;

    /// <summary>Gets the tag of a field. Every tag of these messages fits into one byte.</summary>
    public static byte Tag(int field, int wireType) => (byte)((field << 3) | wireType);
}
