namespace GpuActors.Host.Settings;

/// <summary>The node's HTTP endpoint.</summary>
internal sealed record ApiSettings
{
    /// <summary>Whether there is one. Default true: without it nobody sees whether the node is ready.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// Address to listen on. Default <c>127.0.0.1</c>: no authentication yet, so nobody but this machine. Another one needs
    /// <see cref="Insecure"/>.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port, 0 for a free one. Default 8080.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>
    /// Whether a node may listen on an address that other machines can reach, although nobody is authenticated. Default false.
    /// </summary>
    public bool Insecure { get; init; }

    /// <summary>Whether other machines can reach the endpoint.</summary>
    public bool IsExposed =>
        Enabled
        && Host != "localhost"
        && !(System.Net.IPAddress.TryParse(Host, out var address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>What is wrong with these settings.</summary>
    public IEnumerable<string> Validate()
    {
        if (Port is < 0 or > 65_535)
        {
            yield return $"port = {Port}: give 0 (a free port) to 65535";
        }

        if (!System.Net.IPAddress.TryParse(Host, out _) && Host != "localhost")
        {
            yield return $"host = {Host}: give an IP address of this machine, localhost, or 0.0.0.0 for all";
        }
    }
}
