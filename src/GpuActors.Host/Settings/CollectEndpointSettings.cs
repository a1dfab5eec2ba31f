namespace GpuActors.Host.Settings;

/// <summary>The HTTP endpoint of <c>gpuactors collect</c>.</summary>
internal sealed record CollectEndpointSettings
{
    /// <summary>Whether there is one. Default true: without it nobody sees that samples do not arrive.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Address to listen on. Default <c>127.0.0.1</c>; <c>0.0.0.0</c> in a container.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port, 0 for a free one. Default 9401, beside that of dcgm-exporter.</summary>
    public int Port { get; init; } = 9401;

    /// <summary>As settings of an endpoint.</summary>
    public ApiSettings AsApi() =>
        new()
        {
            Enabled = Enabled,
            Host = Host,
            Port = Port,
        };
}
