using GpuActors.Engine.Composition;
using GpuActors.Host.Http;

namespace GpuActors.Host.Node;

/// <summary>What the HTTP endpoint shows of a node.</summary>
internal static class NodeViews
{
    // Alerts listed per incident in a list; a single incident has all.
    private const int MembersListed = 20;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    // Shorter than the timeout of a client: nodes that did not answer in time are named in the answer.
    private static readonly TimeSpan GatherTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The view of a node.</summary>
    public static NodeView Of(NodeRuntime node) =>
        new()
        {
            Readiness = node.Readiness,
            GpuStatus = node.Lifecycle is null
                ? null
                : async (gpu, _) =>
                    await Asked(node.StatusAsync(gpu, AskTimeout)).ConfigureAwait(false) is { } status ? GpuStatusBody.Of(status) : null,
            Alerts = node.Lifecycle is { } alerts ? Desk(alerts, node.Api is not null) : null,
        };

    private static AlertDesk Desk(AlertLifecycle alerts, bool ofFleet) =>
        new()
        {
            OpenAlerts = where => ofFleet ? alerts.FleetAlertsAsync(where, GatherTimeout) : Task.FromResult(alerts.OpenAlerts(where)),
            IsOpen = id => Asked(alerts.IsOpenAsync(id, AskTimeout)),
            Control = () =>
                alerts.KnowsControl ? alerts.Control : throw new TimeoutException("The keeper of silences has not been heard of yet"),
            Execute = command => Asked(alerts.ExecuteAsync(command, AskTimeout)),
            Incidents = (openOnly, limit) => Asked(alerts.IncidentsAsync(openOnly, limit, MembersListed, AskTimeout)),
            Incident = id => Asked(alerts.IncidentAsync(id, AskTimeout)),
        };

    // The endpoint does not know Akka.
    private static async Task<T> Asked<T>(Task<T> answer)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (Akka.Actor.AskTimeoutException e)
        {
            throw new TimeoutException(e.Message, e);
        }
    }
}
