using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>The members of one JSON sample except its metrics, collected while the sample is read.</summary>
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
    private bool _outOfOrder;

    /// <summary>True if the members came in the order v, gpu, ts, others, m.</summary>
    public readonly bool Plain => !_outOfOrder;

    public readonly GpuInfo Info =>
        new(Host ?? "", Index ?? -1, Pci ?? "", Model ?? "", Driver ?? "")
        {
            Workload =
                Namespace is null && Pod is null && Container is null ? null : new Workload(Namespace ?? "", Pod ?? "", Container ?? ""),
        };

    // Checks that v, gpu and ts come first, once each, and that m comes last, once. The members xids and mig may follow m: they do not
    // affect the GpuInfo.
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
        _outOfOrder |= _seen < 3 ? member != expected : member is not ('o' or 'm') || _seen == int.MaxValue;
        _seen =
            member == 'm' ? int.MaxValue
            : _seen == int.MaxValue ? _seen
            : _seen + 1;
    }
}
