using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>What the last record of a GPU said of it, with the bytes that said so.</summary>
internal sealed class KnownInfo(in InfoParts parts)
{
    private readonly byte[] _host = parts.Host.ToArray();
    private readonly byte[] _pci = parts.Pci.ToArray();
    private readonly byte[] _model = parts.Model.ToArray();
    private readonly byte[] _driver = parts.Driver.ToArray();
    private readonly byte[] _namespace = parts.Namespace.ToArray();
    private readonly byte[] _pod = parts.Pod.ToArray();
    private readonly byte[] _container = parts.Container.ToArray();

    /// <summary>The one instance for all records that say the same.</summary>
    public GpuInfo Info { get; } = parts.ToInfo();

    /// <summary>True when <paramref name="parts"/> says the same.</summary>
    public bool Says(in InfoParts parts) =>
        parts.Index == Info.Index
        && parts.Host.SequenceEqual(_host)
        && parts.Pci.SequenceEqual(_pci)
        && parts.Model.SequenceEqual(_model)
        && parts.Driver.SequenceEqual(_driver)
        && parts.HasWorkload == Info.Workload is not null
        && parts.Namespace.SequenceEqual(_namespace)
        && parts.Pod.SequenceEqual(_pod)
        && parts.Container.SequenceEqual(_container);
}
