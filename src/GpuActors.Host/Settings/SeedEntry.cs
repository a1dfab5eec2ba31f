using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GpuActors.Host.Settings;

/// <summary>One entry of <c>node.seeds</c>.</summary>
/// <param name="Name">Host name or address, or the name that DNS is asked for.</param>
/// <param name="Port">Port of the node.</param>
/// <param name="IsDns">Whether it stands for all addresses of the name.</param>
internal sealed record SeedEntry(string Name, int Port, bool IsDns)
{
    private const string Dns = "dns:";

    /// <summary>Reads <c>host:port</c> or <c>dns:NAME:PORT</c>; null when it is neither.</summary>
    public static SeedEntry? Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        // With one colon only, "dns" is the name of a host.
        var isDns = text.StartsWith(Dns, StringComparison.Ordinal) && colon >= Dns.Length;
        var name =
            colon < 0 ? ""
            : isDns ? text[Dns.Length..colon]
            : text[..colon];
        return
            name.Length > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0
            ? new SeedEntry(name, port, isDns)
            : null;
    }

    /// <summary>An address and a port as they stand in a node's address.</summary>
    public static string Text(IPAddress address, int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString())}:{port}"
        );
}
