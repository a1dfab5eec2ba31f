using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>The properties of a GPU from its last record, with the bytes from which they were decoded.</summary>
internal sealed class KnownInfo(in InfoParts parts)
{
    private readonly byte[] _host = parts.Host.ToArray();
    private readonly byte[] _pci = parts.Pci.ToArray();
    private readonly byte[] _model = parts.Model.ToArray();
    private readonly byte[] _driver = parts.Driver.ToArray();
    private readonly byte[] _namespace = parts.Namespace.ToArray();
    private readonly byte[] _pod = parts.Pod.ToArray();
    private readonly byte[] _container = parts.Container.ToArray();

    /// <summary>The instance shared by all records with these bytes.</summary>
    public GpuInfo Info { get; } = parts.ToInfo();

    /// <summary>True if <paramref name="parts"/> has the same bytes.</summary>
    public bool Matches(in InfoParts parts) =>
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
