using Akka.Actor;
using Akka.Cluster;
using GpuActors.Engine.Metrics;
using GpuActors.Host.Configuration;
using GpuActors.Kafka.Admin;

namespace GpuActors.Host.Node;

/// <summary>Notices nodes of another cluster in the consumer groups of this one, and ends the node that came later.</summary>
internal sealed class GroupWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly HostSettings _settings;
    private readonly Cluster _cluster;
    private readonly Troubles _troubles;
    private readonly Action<string> _fail;
    private readonly KafkaGroups _groups;
    private readonly ForeignMembers _foreign;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    private GroupWatch(HostSettings settings, Cluster cluster, Troubles troubles, Action<string> fail)
    {
        (_settings, _cluster, _troubles, _fail) = (settings, cluster, troubles, fail);
        _groups = new KafkaGroups(settings.Kafka);
        _foreign = new ForeignMembers(settings.DetectConsumer.SessionTimeout + Margin, TimeProvider.System);
    }

    /// <summary>Looks at the groups before the roles join them, and from then on.</summary>
    public static async Task<GroupWatch> StartAsync(
        HostSettings settings,
        Cluster cluster,
        Troubles troubles,
        Action<string> fail,
        CancellationToken cancellationToken
    )
    {
        var watch = new GroupWatch(settings, cluster, troubles, fail);
        await watch.LookAsync(cancellationToken).ConfigureAwait(false);
        watch._watching = watch.WatchAsync();
        return watch;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _groups.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await LookAsync(_stop.Token).ConfigureAwait(false);
                if (_foreign.Elder is { Count: > 0 } elder)
                {
                    _fail(Problem(elder));
                    return;
                }

                if (_foreign.Younger is { Count: > 0 } younger)
                {
                    _troubles.Waits("cluster", "the consumer groups", Problem(younger));
                }
                else
                {
                    _troubles.Over("cluster", "the consumer groups");
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var members = await _groups.MembersAsync(Groups, _settings.TopicLayout.Timeout, cancellationToken).ConfigureAwait(false);
        if (members is not null)
        {
            // Names that the user gives say nothing of the node.
            var prefix = _settings.Kafka.ClientId + "-";
            _foreign.Observe(members.Where(member => member.StartsWith(prefix, StringComparison.Ordinal)), Names());
        }
    }

    private string[] Groups =>
        [.. new[] { _settings.DetectConsumer.GroupId, _settings.StoreConsumer.GroupId }.Distinct(StringComparer.Ordinal)];

    private HashSet<string> Names() =>
        _cluster
            .State.Members.Select(member => member.Address)
            .Append(_cluster.SelfAddress)
            .Select(address => NameOf(_settings, address))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The name under which the consumers of a node are in their groups.</summary>
    public static string NameOf(HostSettings settings, Address node) => $"{settings.Kafka.ClientId}-{node.Host}-{node.Port}";

    private string Problem(IReadOnlyList<string> foreign) =>
        $"The consumer groups {string.Join(", ", Groups)} have members that are in another cluster than this node "
        + $"({NameOf(_settings, _cluster.SelfAddress)}): {string.Join(", ", foreign)}. Each cluster would know only its part of the "
        + "fleet. Give all nodes the same node.seeds, and each a node.host that the others can reach; a separate installation needs "
        + "group ids (detect.group-id, store.*-group-id, notify.*) and topics of its own";
}
