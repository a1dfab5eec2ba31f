using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Silences;
using GpuActors.Core.Topology;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Incidents;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Silences;

namespace GpuActors.Engine.Composition;

/// <summary>
/// What happens to alerts after they open: incidents, acknowledgements, silences. Two cluster singletons among the nodes that detect, and
/// this node's way to them.
/// </summary>
public sealed class AlertLifecycle
{
    internal const string Role = "detect";
    private const string ControlName = "alert-control",
        IncidentsName = "incidents";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private readonly IActorRef _control;
    private readonly IActorRef? _incidents;
    private readonly AlertControlViewHolder _copy;
    private readonly OpenAlertView _open;
    private readonly OpenAlertGatherer _fleet;
    private readonly TimeProvider _time;

    private AlertLifecycle(
        ActorSystem system,
        IActorRef control,
        IActorRef? incidents,
        AlertControlViewHolder copy,
        FleetTopology topology,
        TimeSpan decisionTimeout,
        TimeProvider time
    )
    {
        _control = control;
        _incidents = incidents;
        _copy = copy;
        _open = new OpenAlertView(topology);
        _fleet = new OpenAlertGatherer(system, Role);
        _time = time;
        Stamp = new AlertStamp(topology, copy, _open, incidents, control, decisionTimeout, time);
        Ready = Task.WhenAll(FirstAnswer(incidents), FirstCopy(copy));
    }

    internal AlertStamp Stamp { get; }

    internal OpenAlertView Open => _open;

    /// <summary>This node's copy of acknowledgements and silences.</summary>
    public AlertControlSnapshot Control => _copy.Current.Snapshot;

    /// <summary>Whether that copy has come at all: before, nothing is known to be silenced.</summary>
    public bool KnowsControl => _copy.First.IsCompleted;

    /// <summary>Whether incidents are formed at all.</summary>
    public bool HasIncidents => _incidents is not null;

    /// <summary>Alerts that are open on this node, with what applies to them now; the oldest first.</summary>
    public IReadOnlyList<OpenAlert> OpenAlerts() => Annotate(_open.All());

    /// <summary>Those of them whose fields have the given values.</summary>
    public OpenAlertsFound OpenAlerts(IReadOnlyDictionary<string, string> where) =>
        new([.. OpenAlerts().Where(alert => where.All(field => alert.Field(field.Key) == field.Value))], 0, 1, []);

    /// <summary>Alerts that are open anywhere in the fleet: every node that detects is asked.</summary>
    /// <param name="where">Values that fields of the alerts must have.</param>
    /// <param name="timeout">How long nodes may take; who takes longer is named.</param>
    public async Task<OpenAlertsFound> FleetAlertsAsync(IReadOnlyDictionary<string, string> where, TimeSpan timeout)
    {
        var (alerts, leftOut, nodes, missing) = await _fleet
            .AskAsync(new OpenAlertProtocol.GetOpenAlerts(where, OpenAlertProtocol.MostAlerts), timeout)
            .ConfigureAwait(false);
        return new OpenAlertsFound(Annotate(alerts), leftOut, nodes, missing);
    }

    /// <summary>Executes a command of an operator; the change is in the database when the task completes.</summary>
    /// <returns>The problem if the command was refused; none when it was executed.</returns>
    /// <exception cref="AskTimeoutException">The singleton of silences, or its database, did not answer in time: the change may or may not
    /// have been made.</exception>
    public async Task<AlertControlOutcome> ExecuteAsync(AlertControlCommand command, TimeSpan timeout)
    {
        var executed = await _control
            .Ask<AlertControlProtocol.Executed>(new AlertControlProtocol.Execute(command), timeout)
            .ConfigureAwait(false);
        return new AlertControlOutcome(null, executed.Problem, executed.IsMissing);
    }

    /// <summary>Whether an alert is open anywhere in the fleet; also true when that cannot be determined.</summary>
    public async Task<bool> IsOpenAsync(AlertId alertId, TimeSpan timeout)
    {
        if (_incidents is null || _open.Contains(alertId))
        {
            return true;
        }

        try
        {
            return (
                await _incidents.Ask<IncidentProtocol.Openness>(new IncidentProtocol.IsOpen(alertId), timeout).ConfigureAwait(false)
            ).Open;
        }
        catch (AskTimeoutException)
        {
            return true;
        }
    }

    /// <summary>The fleet's incidents, the newest first.</summary>
    /// <param name="openOnly">Whether those that closed are left out.</param>
    /// <param name="limit">Most incidents.</param>
    /// <param name="membersEach">Most members of each.</param>
    /// <param name="timeout">Longest wait.</param>
    /// <exception cref="AskTimeoutException">The incident singleton did not answer in time.</exception>
    public async Task<IReadOnlyList<IncidentRecord>> IncidentsAsync(bool openOnly, int limit, int membersEach, TimeSpan timeout) =>
        _incidents is null
            ? []
            : (
                await _incidents
                    .Ask<IncidentProtocol.IncidentList>(new IncidentProtocol.GetIncidents(openOnly, limit, membersEach), timeout)
                    .ConfigureAwait(false)
            ).Incidents;

    /// <summary>One incident with all its members; null when there is none.</summary>
    /// <exception cref="AskTimeoutException">The incident singleton did not answer in time.</exception>
    public async Task<IncidentRecord?> IncidentAsync(string incidentId, TimeSpan timeout) =>
        _incidents is null
            ? null
            : (
                await _incidents
                    .Ask<IncidentProtocol.FoundIncident>(new IncidentProtocol.GetIncident(incidentId), timeout)
                    .ConfigureAwait(false)
            ).Incident;

    /// <summary>
    /// Completes when the incident singleton answers and silences are known, or after a few seconds without them. Until then
    /// critical alerts page on their own.
    /// </summary>
    internal Task Ready { get; }

    /// <summary>
    /// On a node that detects: hosts the singletons when it is their turn, and tells other nodes which alerts are open here.
    /// </summary>
    internal static AlertLifecycle Start(ActorSystem system, DetectOptions options)
    {
        Host(system, AlertControlActor.Props(options.Time), ControlName, PoisonPill.Instance);
        if (options.Incidents.Enabled)
        {
            Host(
                system,
                IncidentActor.Props(new IncidentOptions(options.Incidents, options.IncidentTopic, options.Producer, options.Metrics)),
                IncidentsName,
                IncidentProtocol.Finish.Instance
            );
        }

        var lifecycle = Of(system, options.Incidents, new FleetTopology(options.Topology), options.Time);
        var open = lifecycle.Open;
        _ = system.ActorOf(OpenAlertTeller.Props(open), OpenAlertTeller.Name);
        options.Metrics.WatchOpenAlerts(() => (open.Count, open.LeftOut));
        return lifecycle;
    }

    /// <summary>On any other node: the ways to them alone.</summary>
    internal static AlertLifecycle Join(ActorSystem system, IncidentSettings incidents, TimeProvider time) =>
        Of(system, incidents, new FleetTopology(new TopologySettings()), time);

    private static AlertLifecycle Of(ActorSystem system, IncidentSettings settings, FleetTopology topology, TimeProvider time)
    {
        var control = WayTo(system, ControlName);
        var incidents = settings.Enabled ? WayTo(system, IncidentsName) : null;
        var copy = new AlertControlViewHolder();
        _ = system.ActorOf(AlertControlCopy.Props(control, copy), "alert-control-copy");
        return new AlertLifecycle(system, control, incidents, copy, topology, settings.DecisionTimeout, time);
    }

    private IReadOnlyList<OpenAlert> Annotate(IEnumerable<OpenAlert> alerts)
    {
        var view = _copy.Current;
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        return [.. alerts.Select(alert => view.Annotate(alert, now))];
    }

    private static async Task FirstAnswer(IActorRef? incidents)
    {
        try
        {
            _ = incidents is null
                ? null
                : await incidents
                    .Ask<IncidentProtocol.FoundIncident>(new IncidentProtocol.GetIncident(""), StartPatience)
                    .ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            // Alerts page on their own until it is there.
        }
    }

    private static async Task FirstCopy(AlertControlViewHolder copy)
    {
        try
        {
            await copy.First.WaitAsync(StartPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Nothing is silenced until it is there: a superfluous page is better than a missing one.
        }
    }

    private static void Host(ActorSystem system, Props props, string name, object terminate) =>
        system.ActorOf(
            ClusterSingletonManager.Props(
                props,
                terminate,
                ClusterSingletonManagerSettings.Create(system).WithRole(Role).WithSingletonName("one")
            ),
            name
        );

    private static IActorRef WayTo(ActorSystem system, string name) =>
        system.ActorOf(
            ClusterSingletonProxy.Props(
                $"/user/{name}",
                ClusterSingletonProxySettings.Create(system).WithRole(Role).WithSingletonName("one")
            ),
            name + "-proxy"
        );
}
