using System.Text;
using System.Text.Unicode;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// What a record says of the GPU besides metrics, still as bytes of the record: most often it is what the record before it said.
/// </summary>
internal ref struct InfoParts
{
    public ReadOnlySpan<byte> Host;
    public int Index;
    public ReadOnlySpan<byte> Pci;
    public ReadOnlySpan<byte> Model;
    public ReadOnlySpan<byte> Driver;
    public bool HasWorkload;
    public ReadOnlySpan<byte> Namespace;
    public ReadOnlySpan<byte> Pod;
    public ReadOnlySpan<byte> Container;

    /// <summary>
    /// Set where the producer writes PCI bus ids as it likes: then <see cref="ToInfo"/> brings them into DCGM's form in lower case.
    /// </summary>
    public bool BringsForeignPci;

    /// <summary>True when all texts are UTF-8, as Protobuf wants of a string.</summary>
    public readonly bool IsUtf8() =>
        Utf8.IsValid(Host)
        && Utf8.IsValid(Pci)
        && Utf8.IsValid(Model)
        && Utf8.IsValid(Driver)
        && Utf8.IsValid(Namespace)
        && Utf8.IsValid(Pod)
        && Utf8.IsValid(Container);

    /// <summary>The texts as such.</summary>
    public readonly GpuInfo ToInfo() =>
        new(Text(Host), Index, BringsForeignPci ? PciBusIds.Normalize(Text(Pci)) : Text(Pci), Text(Model), Text(Driver))
        {
            Workload = HasWorkload ? new Workload(Text(Namespace), Text(Pod), Text(Container)) : null,
        };

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
