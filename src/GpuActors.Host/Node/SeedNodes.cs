using System.Net;
using System.Net.Sockets;
using GpuActors.Host.Settings;

namespace GpuActors.Host.Node;

/// <summary>
/// Finds the seed nodes. In Akka, only the first seed may form a new cluster, so all nodes must see the same first seed: addresses from DNS
/// are sorted, and a node that is the first itself waits until the answer stays the same, since DNS may list it before the others.
/// </summary>
/// <param name="resolve">Addresses of a name; a <see cref="SocketException"/> when there are none.</param>
/// <param name="time">Measures the waits.</param>
/// <param name="wait">Waits.</param>
internal sealed class SeedNodes(
    Func<string, CancellationToken, Task<IPAddress[]>> resolve,
    TimeProvider time,
    Func<TimeSpan, CancellationToken, Task> wait
)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Longer than the 5 s for which Kubernetes' DNS caches an answer.
    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);

    /// <summary>Uses the resolver and clock of this machine.</summary>
    public static SeedNodes OfMachine { get; } =
        new((name, cancellationToken) => Dns.GetHostAddressesAsync(name, cancellationToken), TimeProvider.System, Task.Delay);

    /// <summary>Returns the settings with this node's own address and, for each <c>dns:</c> entry, its addresses.</summary>
    /// <exception cref="TimeoutException">A name had no address, or its addresses changed, until the timeout.</exception>
    public async Task<NodeSettings> PlaceAsync(NodeSettings node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        node = node with { Host = OwnAddress.Of(node.Host) };
        var self = IPAddress.TryParse(node.Host, out var own) ? SeedEntry.Text(own, node.Port) : "";
        var entries = node.Seeds.Select(seed => (Text: seed, Entry: SeedEntry.Parse(seed)!)).ToList();
        if (!entries.Exists(e => e.Entry.IsDns))
        {
            return node;
        }

        var started = time.GetTimestamp();
        var since = started;
        IReadOnlyList<string> last = [];
        while (true)
        {
            var (seeds, problem) = await LookAsync(entries, cancellationToken).ConfigureAwait(false);
            if (!seeds.SequenceEqual(last))
            {
                (last, since) = (seeds, time.GetTimestamp());
            }

            if (problem is null && (seeds[0] != self || time.GetElapsedTime(since) >= Stable))
            {
                return node with { Seeds = seeds };
            }

            if (time.GetElapsedTime(started) >= timeout)
            {
                throw new TimeoutException(
                    problem is null
                        ? $"node.seeds: the addresses did not stay the same for {Stable.TotalSeconds:0} s within {
                            timeout.TotalSeconds:0} s (now {string.Join(", ", seeds)}), and this node would form a cluster "
                            + "as the first of them: start again when all nodes have their addresses, or list the seeds"
                        : $"{problem} within {timeout.TotalSeconds:0} s: check the name. A headless service must publish nodes that are "
                            + "not ready yet, since no node is ready before the first has formed the cluster"
                );
            }

            await wait(Interval, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(IReadOnlyList<string> Seeds, string? Problem)> LookAsync(
        IEnumerable<(string Text, SeedEntry Entry)> entries,
        CancellationToken cancellationToken
    )
    {
        var seeds = new List<string>();
        foreach (var (text, entry) in entries)
        {
            if (!entry.IsDns)
            {
                seeds.Add(text);
                continue;
            }

            var (addresses, reason) = await AddressesAsync(entry.Name, cancellationToken).ConfigureAwait(false);
            if (addresses.Length == 0)
            {
                return ([], $"node.seeds = {text}: {entry.Name} did not resolve to any address ({reason})");
            }

            seeds.AddRange(addresses.Select(address => SeedEntry.Text(address, entry.Port)).Order(StringComparer.Ordinal));
        }

        return ([.. seeds.Distinct(StringComparer.Ordinal)], null);
    }

    private async Task<(IPAddress[] Addresses, string Reason)> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await resolve(name, cancellationToken).ConfigureAwait(false), "no record");
        }
        catch (SocketException e)
        {
            return ([], e.Message);
        }
    }
}
