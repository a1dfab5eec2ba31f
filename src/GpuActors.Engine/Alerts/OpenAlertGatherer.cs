using Akka.Actor;
using Akka.Cluster;
using GpuActors.Core.Alerts;
using static GpuActors.Engine.Protocol.OpenAlertProtocol;

namespace GpuActors.Engine.Alerts;

/// <summary>Asks every node that detects which alerts are open there.</summary>
internal sealed class OpenAlertGatherer(ActorSystem system, string role)
{
    /// <summary>
    /// What the nodes said: alerts the oldest first, how many more there are, how many nodes were asked and which of them have not answered
    /// in time.
    /// </summary>
    public async Task<(IReadOnlyList<OpenAlert> Alerts, int LeftOut, int Nodes, IReadOnlyList<string> Missing)> AskAsync(
        GetOpenAlerts question,
        TimeSpan timeout
    )
    {
        var state = Cluster.Get(system).State;
        var nodes = state.Members.Where(m => m.HasRole(role) && m.Status is MemberStatus.Up or MemberStatus.Leaving).ToList();
        var answers = await Task.WhenAll(
                nodes.Select(node =>
                    state.Unreachable.Contains(node) ? Task.FromResult<OpenAlertList?>(null) : AskAsync(node.Address, question, timeout)
                )
            )
            .ConfigureAwait(false);
        var lists = answers.OfType<OpenAlertList>().ToList();
        // A GPU may have moved between two answers.
        var alerts = lists
            .SelectMany(list => list.Alerts)
            .DistinctBy(a => a.AlertId)
            .OrderBy(a => a.OpenedAtMs)
            .ThenBy(a => a.AlertId.Value, StringComparer.Ordinal);
        return (
            [.. alerts],
            lists.Sum(list => list.Total - list.Alerts.Count),
            nodes.Count,
            [.. nodes.Where((_, i) => answers[i] is null).Select(node => $"{node.Address.Host}:{node.Address.Port}")]
        );
    }

    private async Task<OpenAlertList?> AskAsync(Address node, GetOpenAlerts question, TimeSpan timeout)
    {
        try
        {
            return await system
                .ActorSelection(new RootActorPath(node) / "user" / OpenAlertTeller.Name)
                .Ask<OpenAlertList>(question, timeout)
                .ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            // A node that has just gone, or one of an earlier version, which does not know the question.
            return null;
        }
    }
}
