using System.Text;
using System.Text.Unicode;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// The properties of the GPU in a record, as spans of the record's bytes. They are converted to strings only if they differ from those of
/// the GPU's previous record, which is rare.
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
    /// True if the producer may write PCI bus ids in any form: <see cref="ToInfo"/> then converts them to DCGM's form in lower case.
    /// </summary>
    public bool NormalizePci;

    /// <summary>Length of all texts, in bytes.</summary>
    public readonly int Length =>
        Host.Length + Pci.Length + Model.Length + Driver.Length + Namespace.Length + Pod.Length + Container.Length;

    /// <summary>True if all texts are valid UTF-8, which Protobuf requires of strings.</summary>
    public readonly bool IsUtf8() =>
        Utf8.IsValid(Host)
        && Utf8.IsValid(Pci)
        && Utf8.IsValid(Model)
        && Utf8.IsValid(Driver)
        && Utf8.IsValid(Namespace)
        && Utf8.IsValid(Pod)
        && Utf8.IsValid(Container);

    /// <summary>Converts the spans to strings.</summary>
    public readonly GpuInfo ToInfo() =>
        new(Text(Host), Index, NormalizePci ? PciBusIds.Normalize(Text(Pci)) : Text(Pci), Text(Model), Text(Driver))
        {
            Workload = HasWorkload ? new Workload(Text(Namespace), Text(Pod), Text(Container)) : null,
        };

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
