using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// A network namespace with two links to this machine: one for brokers and database, one for the other nodes. Each ends at a bridge here,
/// which has the address, so that cutting a link takes nothing away from this side but the other one's packets. Names and addresses are its
/// own, and it leaves nothing behind.
/// </summary>
internal sealed class SplitNetwork : IAsyncDisposable
{
    private readonly string _id = Guid.NewGuid().ToString("N")[..6];
    private readonly List<(string Bridge, string Port)> _links = [];

    private SplitNetwork()
    {
        // The range for tests of networks (RFC 2544): nobody's own.
        var subnet = Random.Shared.Next(0, 254);
        Services = new Link(this, 's', string.Create(CultureInfo.InvariantCulture, $"198.18.{subnet}"));
        Cluster = new Link(this, 'c', string.Create(CultureInfo.InvariantCulture, $"198.19.{subnet}"));
    }

    /// <summary>Why there can't be one here, or null when there can.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() ? "network namespaces are Linux's"
        : Environment.UserName != "root" ? "network namespaces need root"
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "ip")))
            ? "there is no ip: install iproute2"
        : null;

    /// <summary>The link to brokers and database.</summary>
    public Link Services { get; }

    /// <summary>The link to the other nodes.</summary>
    public Link Cluster { get; }

    /// <summary>What a command must stand behind to run inside.</summary>
    public IReadOnlyList<string> Within => ["ip", "netns", "exec", Namespace];

    private string Namespace => $"chaos-{_id}";

    /// <summary>Makes it, or skips the test with a printed reason where that can't be done.</summary>
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
        // A link goes with the namespace that one of its ends is in, but not at once.
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

    // For the end: what was never made can't be removed, and nothing may keep the rest from being removed.
    private static async Task TryIp(params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true });
        await (ip?.WaitForExitAsync() ?? Task.CompletedTask);
    }

    /// <summary>One link, from this machine's network into the namespace.</summary>
    internal sealed class Link(SplitNetwork network, char kind, string subnet)
    {
        /// <summary>This side's address.</summary>
        public string Here => subnet + ".1";

        /// <summary>The namespace's address.</summary>
        public string There => subnet + ".2";

        /// <summary>All addresses of the link.</summary>
        public string Subnet => subnet + ".0/24";

        // Names of interfaces have at most 15 characters.
        public string Bridge => $"gpb{kind}{network._id}";

        public string Port => $"gpv{kind}{network._id}";

        public string Inner => $"gpn{kind}{network._id}";

        /// <summary>Packets vanish, in both directions, from now on.</summary>
        public Task Cut() => Ip("link", "set", Port, "down");

        /// <summary>They come through again.</summary>
        public Task Mend() => Ip("link", "set", Port, "up");
    }
}
