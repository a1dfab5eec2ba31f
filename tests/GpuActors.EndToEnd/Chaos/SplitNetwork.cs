using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// A network namespace with two links to this machine: one for brokers and database, one for the other nodes. Each link ends at a bridge,
/// which has the address, so that cutting a link affects only its packets and not the addresses on this side. Names and addresses are
/// unique, and everything is removed at the end.
/// </summary>
internal sealed class SplitNetwork : IAsyncDisposable
{
    private readonly string _id = Guid.NewGuid().ToString("N")[..6];
    private readonly List<(string Bridge, string Port)> _links = [];

    private SplitNetwork()
    {
        // The address range reserved for network tests (RFC 2544).
        var subnet = Random.Shared.Next(0, 254);
        Services = new Link(this, 's', string.Create(CultureInfo.InvariantCulture, $"198.18.{subnet}"));
        Cluster = new Link(this, 'c', string.Create(CultureInfo.InvariantCulture, $"198.19.{subnet}"));
    }

    /// <summary>The reason why namespaces can't be created on this machine; null if they can.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() ? "network namespaces are Linux's"
        : Environment.UserName != "root" ? "network namespaces need root"
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "ip")))
            ? "there is no ip: install iproute2"
        : null;

    /// <summary>The link to the brokers and the database.</summary>
    public Link Services { get; }

    /// <summary>The link to the other nodes.</summary>
    public Link Cluster { get; }

    /// <summary>The prefix of a command that runs inside the namespace.</summary>
    public IReadOnlyList<string> Within => ["ip", "netns", "exec", Namespace];

    private string Namespace => $"chaos-{_id}";

    /// <summary>Creates the namespace, or skips the test with a printed reason if that is not possible.</summary>
    public static async Task<SplitNetwork> Create()
    {
        if (Missing is { } missing)
        {
            Console.WriteLine($"Skipped: {missing}");
            Skip.If(true, missing);
        }

        var network = new SplitNetwork();
        try
        {
            await Ip("netns", "add", network.Namespace);
            await Ip("-n", network.Namespace, "link", "set", "lo", "up");
            await network.Add(network.Services);
            await network.Add(network.Cluster);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A link is removed together with the namespace of one of its ends, but not immediately.
        foreach (var (bridge, port) in _links)
        {
            await TryIp("link", "del", port);
            await TryIp("link", "del", bridge);
        }

        await TryIp("netns", "del", Namespace);
    }

    private async Task Add(Link link)
    {
        _links.Add((link.Bridge, link.Port));
        await Ip("link", "add", link.Bridge, "type", "bridge", "forward_delay", "0");
        await Ip("addr", "add", link.Here + "/24", "dev", link.Bridge);
        await Ip("link", "set", link.Bridge, "up");
        await Ip("link", "add", link.Port, "type", "veth", "peer", "name", link.Inner, "netns", Namespace);
        await Ip("link", "set", link.Port, "master", link.Bridge, "up");
        await Ip("-n", Namespace, "addr", "add", link.There + "/24", "dev", link.Inner);
        await Ip("-n", Namespace, "link", "set", link.Inner, "up");
    }

    private static Task<string> Ip(params string[] arguments) => RunningProgram.Run("ip", arguments);

    // Used for cleaning up: errors are ignored, because parts may not exist, and the other parts must be removed nevertheless.
    private static async Task TryIp(params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true });
        await (ip?.WaitForExitAsync() ?? Task.CompletedTask);
    }

    /// <summary>One link from this machine's network to the namespace.</summary>
    internal sealed class Link(SplitNetwork network, char kind, string subnet)
    {
        /// <summary>Address on this side.</summary>
        public string Here => subnet + ".1";

        /// <summary>Address in the namespace.</summary>
        public string There => subnet + ".2";

        /// <summary>Subnet of the link.</summary>
        public string Subnet => subnet + ".0/24";

        // Names of network interfaces have at most 15 characters.
        public string Bridge => $"gpb{kind}{network._id}";

        public string Port => $"gpv{kind}{network._id}";

        public string Inner => $"gpn{kind}{network._id}";

        /// <summary>Drops all packets in both directions until <see cref="Mend"/>.</summary>
        public Task Cut() => Ip("link", "set", Port, "down");

        /// <summary>Restores the link.</summary>
        public Task Mend() => Ip("link", "set", Port, "up");
    }
}
