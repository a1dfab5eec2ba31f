using GpuActors.Core.Topology;

namespace GpuActors.Core.Alerts;

/// <summary>Names of the labels that the engine gives to alerts.</summary>
public static class AlertLabelNames
{
    /// <summary>Host name.</summary>
    public const string Host = "host";

    /// <summary>Index of the GPU in its host, in decimal digits.</summary>
    public const string GpuIndex = "gpu_index";

    /// <summary>Product name.</summary>
    public const string Model = "model";

    /// <summary>PCI bus id.</summary>
    public const string Pci = "pci";

    /// <summary>Driver version.</summary>
    public const string Driver = "driver";

    /// <summary>Kubernetes namespace of the workload.</summary>
    public const string Namespace = "namespace";

    /// <summary>Pod of the workload.</summary>
    public const string Pod = "pod";

    /// <summary>Container of the workload.</summary>
    public const string Container = "container";

    /// <summary>Data centre of the host.</summary>
    public const string Datacenter = Place.DatacenterLabel;

    /// <summary>Cluster of the host.</summary>
    public const string Cluster = Place.ClusterLabel;

    /// <summary>Rack of the host.</summary>
    public const string Rack = Place.RackLabel;

    /// <summary>Power domain of the host.</summary>
    public const string PowerDomain = Place.PowerDomainLabel;

    /// <summary>Code of the XID or SXID, on alerts of the rules that evaluate codes.</summary>
    public const string Xid = "xid";

    /// <summary>Id of the rule whose alert flaps, on an alert of the rule <c>flapping</c>.</summary>
    public const string FlappingRule = "flapping_rule";
}
