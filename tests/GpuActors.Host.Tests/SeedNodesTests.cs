using System.Collections;
using System.Net;
using System.Net.Sockets;
using GpuActors.Host.Configuration;
using GpuActors.Host.Node;
using GpuActors.Host.Settings;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class SeedNodesTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private int _looks;

    [Fact]
    public async Task All_addresses_of_a_name_take_its_place_in_the_same_order_whatever_DNS_says()
    {
        string[] seeds = ["n0:1", "dns:gpuactors:4053", "n9:1", "n0:1"];
        string[] expected = ["n0:1", "10.0.0.2:4053", "10.0.0.3:4053", "[fd00::1]:4053", "n9:1"];

        Assert.Equal(expected, await Place(seeds, "10.0.0.3", _ => "10.0.0.3 fd00::1 10.0.0.2"));
        Assert.Equal(expected, await Place(seeds, "10.0.0.9", _ => "10.0.0.2 10.0.0.3 fd00::1 10.0.0.2"));
        Assert.Equal(2, _looks);
    }

    [Fact]
    public async Task Without_a_name_nobody_is_asked()
    {
        Assert.Equal(["n1:1", "dns:1"], await Place(["n1:1", "dns:1"], "n1", _ => throw new InvalidOperationException()));
        Assert.Empty(await Place([], "127.0.0.1", _ => throw new InvalidOperationException()));
    }

    [Fact]
    public async Task A_name_that_is_not_there_yet_is_asked_for_again()
    {
        Assert.Equal(["10.0.0.1:4053"], await Place(["dns:gpuactors:4053"], "10.0.0.2", look => look < 5 ? "" : "10.0.0.1"));
        Assert.Equal(TimeSpan.FromSeconds(5), _time.GetUtcNow() - DateTimeOffset.UnixEpoch);
    }

    [Theory]
    [InlineData("", "no record")]
    [InlineData("unknown", "not known")]
    public async Task A_name_that_never_resolves_is_named_with_its_key_and_the_remedy(string addresses, string reason)
    {
        var error = await Assert.ThrowsAsync<TimeoutException>(() => Place(["n1:1", "dns:gpuactors:4053"], "10.0.0.2", _ => addresses));

        Assert.Contains("node.seeds = dns:gpuactors:4053: gpuactors did not resolve", error.Message, StringComparison.Ordinal);
        Assert.Contains("within 60 s", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(61, _looks);
    }

    // Two nodes that start together may each see themselves first: who could form a cluster waits for the others to appear.
    [Fact]
    public async Task Who_would_be_the_first_waits_until_the_addresses_stand_still()
    {
        Assert.Equal(
            ["10.0.0.1:4053", "10.0.0.2:4053"],
            await Place(["dns:gpuactors:4053"], "10.0.0.1", look => look < 9 ? "10.0.0.1" : "10.0.0.1 10.0.0.2")
        );
        Assert.Equal(20, _looks);
        Assert.Equal(
            ["10.0.0.1:4053", "10.0.0.2:4053"],
            await Place(["dns:gpuactors:4053"], "10.0.0.2", look => look == 20 ? "10.0.0.2" : "10.0.0.1 10.0.0.2")
        );
        Assert.Equal(22, _looks);
    }

    [Fact]
    public async Task Who_would_be_the_first_gives_up_when_the_addresses_never_stand_still() =>
        Assert.Contains(
            "would form a cluster",
            (
                await Assert.ThrowsAsync<TimeoutException>(() =>
                    Place(["dns:gpuactors:4053"], "10.0.0.1", look => $"10.0.0.1 10.0.0.{2 + (look % 7)}")
                )
            ).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task The_machines_resolver_knows_localhost()
    {
        var node = await SeedNodes.OfMachine.PlaceAsync(
            new NodeSettings { Seeds = ["dns:localhost:4053"] },
            Timeout,
            CancellationToken.None
        );
        Assert.Contains(node.Seeds, seed => seed is "127.0.0.1:4053" or "[::1]:4053");
    }

    [Theory]
    [InlineData("n1:1,n2:2", "n1:1 n2:2")]
    [InlineData("[\"n1:1\", dns:gpuactors:4053]", "n1:1 dns:gpuactors:4053")]
    [InlineData("dns:gpuactors:4053", "dns:gpuactors:4053")]
    public void A_variable_of_the_environment_may_list_them(string value, string expected) =>
        Assert.Equal(
            expected.Split(' '),
            Bind([], new Hashtable { ["GPUACTORS__NODE__SEEDS"] = value, ["GPUACTORS__NODE__HOST"] = "auto" }).Node.Seeds
        );

    [Theory]
    [InlineData("node.seeds=gpuactors", "seeds = gpuactors: give host:port, or dns:NAME:PORT")]
    [InlineData("node.seeds=dns:gpuactors", "seeds = dns:gpuactors: give")]
    [InlineData("node.seeds=dns::4053", "seeds = dns::4053: give")]
    [InlineData("node.seeds=n1:0", "seeds = n1:0: give")]
    [InlineData("node.seeds=dns:gpuactors:70000", "seeds = dns:gpuactors:70000: give")]
    [InlineData("node.seeds=dns:gpuactors:4053 node.host=n1", "host = n1: with a dns: entry in seeds give auto or this node's IP address")]
    public void What_is_no_seed_is_refused(string sets, string problem) =>
        Assert.Contains(
            problem,
            Assert.Throws<ConfigurationException>(() => Bind(sets.Split(' '), new Hashtable())).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("127.0.0.1 ::1 169.254.1.1 fe80::1", null)]
    [InlineData("127.0.0.1 172.17.0.1 fd00::2+ 10.0.0.5+ 10.0.0.6+", "10.0.0.5")]
    [InlineData("172.17.0.1 fd00::2+", "fd00::2")]
    [InlineData("fd00::2 172.17.0.1", "172.17.0.1")]
    public void The_machines_own_address_is_one_that_others_reach(string addresses, string? expected) =>
        Assert.Equal(
            expected,
            OwnAddress.Choose(addresses.Split(' ').Select(a => (IPAddress.Parse(a.TrimEnd('+')), a.EndsWith('+'))))?.ToString()
        );

    [Fact]
    public void A_host_that_is_given_is_taken_as_it_is() => Assert.Equal("gpu-1.example.org", OwnAddress.Of("gpu-1.example.org"));

    private async Task<IReadOnlyList<string>> Place(string[] seeds, string host, Func<int, string> addresses)
    {
        return (
            await new SeedNodes(Resolve, _time, Wait).PlaceAsync(
                new NodeSettings
                {
                    Seeds = seeds,
                    Host = host,
                    Port = 4053,
                },
                Timeout,
                CancellationToken.None
            )
        ).Seeds;

        Task Wait(TimeSpan by, CancellationToken cancellationToken)
        {
            _time.Advance(by);
            return Task.CompletedTask;
        }

        Task<IPAddress[]> Resolve(string name, CancellationToken cancellationToken)
        {
            Assert.Equal("gpuactors", name);
            var text = addresses(_looks++);
            return text == "unknown"
                ? throw new SocketException((int)SocketError.HostNotFound)
                : Task.FromResult(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse).ToArray());
        }
    }

    private static HostSettings Bind(string[] sets, Hashtable environment) => HostSettings.Bind(ConfigLoader.Load([], sets, environment));
}
