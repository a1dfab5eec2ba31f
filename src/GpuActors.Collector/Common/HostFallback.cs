namespace GpuActors.Collector.Common;

/// <summary>Host of the GPUs of a page that names none, as those of old exporters and of exporters with <c>--no-hostname</c>.</summary>
public enum HostFallback
{
    /// <summary>The host in the target's URL.</summary>
    Target,

    /// <summary>The host name of the collector's machine.</summary>
    Machine,

    /// <summary>Unknown: rules and incidents about hosts leave these GPUs out.</summary>
    None,
}
