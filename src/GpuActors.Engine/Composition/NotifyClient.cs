using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;
using GpuActors.Engine.Protocol;

namespace GpuActors.Engine.Composition;

/// <summary>
/// The way to NOTIFY from any node: open alerts, incidents, acknowledgements and silences of the fleet. Every call throws
/// <see cref="AskTimeoutException"/> when it does not answer in time: it is moving to another node, or no node has the role.
/// </summary>
public sealed class NotifyClient
{
    private readonly ActorSystem _system;
    private readonly IActorRef _notify;

    private NotifyClient(ActorSystem system, IActorRef notify) => (_system, _notify) = (system, notify);

    /// <summary>Whether any node of the cluster has the role <c>notify</c>.</summary>
    public bool IsPossible =>
        Cluster.Get(_system).State.Members.Any(m => m.HasRole(NotifyEngine.Role) && m.Status is MemberStatus.Up or MemberStatus.Leaving);

    /// <summary>Starts the proxy. The system must have joined its cluster.</summary>
    public static NotifyClient Start(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new NotifyClient(
            system,
            system.ActorOf(
                ClusterSingletonProxy.Props(
                    $"/user/{NotifyEngine.Name}",
                    ClusterSingletonProxySettings.Create(system).WithRole(NotifyEngine.Role).WithSingletonName(NotifyEngine.Singleton)
                ),
                NotifyEngine.Name + "-proxy"
            )
        );
    }

    /// <summary>Carries out a command of an operator; the change is published when the task completes.</summary>
    /// <returns>The problem if the command was refused; none when it was carried out.</returns>
    public async Task<AlertControlOutcome> ExecuteAsync(AlertControlCommand command, TimeSpan timeout)
    {
        var executed = await _notify.Ask<NotifyProtocol.Executed>(new NotifyProtocol.Execute(command), timeout).ConfigureAwait(false);
        return new AlertControlOutcome(executed.Problem, executed.IsMissing);
    }

    /// <summary>Open alerts whose fields have the given values.</summary>
    public Task<OpenAlertsFound> AlertsAsync(IReadOnlyDictionary<string, string> where, TimeSpan timeout) =>
        AlertsOf(new NotifyProtocol.GetOpenAlerts(where, NotifyProtocol.MostAlerts), timeout);

    /// <summary>Open alerts that a silence would cover.</summary>
    public Task<OpenAlertsFound> PreviewAsync(Silence silence, TimeSpan timeout) =>
        AlertsOf(new NotifyProtocol.PreviewSilence(silence, NotifyProtocol.MostAlerts), timeout);

    /// <summary>The fleet's incidents, the newest first.</summary>
    /// <param name="openOnly">Whether those that closed are left out.</param>
    /// <param name="limit">Most incidents.</param>
    /// <param name="membersEach">Most members of each.</param>
    /// <param name="timeout">Longest wait.</param>
    public async Task<IReadOnlyList<IncidentRecord>> IncidentsAsync(bool openOnly, int limit, int membersEach, TimeSpan timeout) =>
        (
            await _notify
                .Ask<NotifyProtocol.IncidentList>(new NotifyProtocol.GetIncidents(openOnly, limit, membersEach), timeout)
                .ConfigureAwait(false)
        ).Incidents;

    /// <summary>One incident with all its members; null when there is none.</summary>
    public async Task<IncidentRecord?> IncidentAsync(string incidentId, TimeSpan timeout) =>
        (
            await _notify.Ask<NotifyProtocol.FoundIncident>(new NotifyProtocol.GetIncident(incidentId), timeout).ConfigureAwait(false)
        ).Incident;

    /// <summary>Acknowledgements and silences.</summary>
    public async Task<AlertControlSnapshot> ControlAsync(TimeSpan timeout) =>
        (await _notify.Ask<NotifyProtocol.ControlList>(NotifyProtocol.GetControl.Instance, timeout).ConfigureAwait(false)).Control;

    private async Task<OpenAlertsFound> AlertsOf(INotifyMessage question, TimeSpan timeout)
    {
        var list = await _notify.Ask<NotifyProtocol.OpenAlertList>(question, timeout).ConfigureAwait(false);
        return new OpenAlertsFound(list.Alerts, list.Total - list.Alerts.Count);
    }
}
