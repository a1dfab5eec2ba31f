using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using GpuActors.Host.Configuration;
using GpuActors.Host.Settings;

namespace GpuActors.Host.Node;

/// <summary>The address by which other nodes reach this one, where <c>node.host</c> leaves that to the machine.</summary>
internal static class OwnAddress
{
    /// <summary>What <c>node.host</c> stands for.</summary>
    /// <exception cref="ConfigurationException">The machine has no address but loopback.</exception>
    public static string Of(string host) =>
        host != NodeSettings.AutoHost
            ? host
            : Choose(Addresses())?.ToString()
                ?? throw new ConfigurationException(
                    "gpu-actors.node.host = auto: this machine has no address that other nodes can reach. "
                        + "Connect it to a network, or set the address"
                );

    /// <summary>
    /// The first that is neither loopback nor link-local: of an interface with a gateway before one without (such as a bridge for
    /// containers), IPv4 before IPv6.
    /// </summary>
    internal static IPAddress? Choose(IEnumerable<(IPAddress Address, bool HasGateway)> addresses) =>
        addresses
            .Where(a => !IPAddress.IsLoopback(a.Address) && !IsLinkLocal(a.Address))
            .OrderByDescending(a => a.HasGateway)
            .ThenBy(a => a.Address.AddressFamily != AddressFamily.InterNetwork)
            .Select(a => a.Address)
            .FirstOrDefault();

    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);

    private static IEnumerable<(IPAddress Address, bool HasGateway)> Addresses() =>
        from network in NetworkInterface.GetAllNetworkInterfaces()
        where network.OperationalStatus == OperationalStatus.Up
        let properties = network.GetIPProperties()
        from address in properties.UnicastAddresses
        select (address.Address, properties.GatewayAddresses.Count > 0);
}
