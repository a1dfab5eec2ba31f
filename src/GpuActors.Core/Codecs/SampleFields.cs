using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>The members of one JSON sample besides its metrics, as far as they have been read.</summary>
internal struct SampleFields
{
    public int? Version;
    public GpuIdentity? Gpu;
    public long? TimeMs;
    public string? Host;
    public int? Index;
    public string? Pci;
    public string? Model;
    public string? Driver;
    public string? Namespace;
    public string? Pod;
    public string? Container;
    private int _seen;
    private bool _surprise;

    public readonly bool Plain => !_surprise;

    public readonly GpuInfo Info =>
        new(Host ?? "", Index ?? -1, Pci ?? "", Model ?? "", Driver ?? "")
        {
            Workload =
                Namespace is null && Pod is null && Container is null ? null : new Workload(Namespace ?? "", Pod ?? "", Container ?? ""),
        };

    // v, gpu, ts first and once each, m last and once. What may stand behind it says nothing of the GPU.
    public void Order(char member)
    {
        if (member is 'x' or 'i' && _seen == int.MaxValue)
        {
            return;
        }

        var expected = _seen switch
        {
            0 => 'v',
            1 => 'g',
            2 => 't',
            _ => 'o',
        };
        _surprise |= _seen < 3 ? member != expected : member is not ('o' or 'm') || _seen == int.MaxValue;
        _seen =
            member == 'm' ? int.MaxValue
            : _seen == int.MaxValue ? _seen
            : _seen + 1;
    }
}
