using GpuActors.Engine.Composition;
using GpuActors.Host.Http;

namespace GpuActors.Host.Node;

/// <summary>What the HTTP endpoint shows of a node.</summary>
internal static class NodeViews
{
    // Alerts listed per incident in a list; a single incident has all.
    private const int MembersListed = 20;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The view of a node.</summary>
    public static NodeView Of(NodeRuntime node) =>
        new()
        {
            Readiness = node.Readiness,
            Troubles = () => [.. node.Metrics.Troubles.Lasting().Select(trouble => trouble.ToString())],
            GpuStatus =
                node.Detect is null && node.Api is null
                    ? null
                    : async (gpu, _) =>
                        await Asked(node.StatusAsync(gpu, AskTimeout)).ConfigureAwait(false) is { } status
                            ? GpuStatusBody.Of(status)
                            : null,
            Retire = node.Detect is null && node.Api is null ? null : (scope, name) => Asked(node.RetireAsync(scope, name, AskTimeout)),
            Alerts = node.Notify is { } notify ? Desk(notify) : null,
        };

    private static AlertDesk Desk(NotifyClient notify) =>
        new()
        {
            IsPossible = () => notify.IsPossible,
            OpenAlerts = where => Asked(notify.AlertsAsync(where, AskTimeout)),
            Control = () => Asked(notify.ControlAsync(AskTimeout)),
            Preview = silence => Asked(notify.PreviewAsync(silence, AskTimeout)),
            Execute = command => Asked(notify.ExecuteAsync(command, AskTimeout)),
            Incidents = (openOnly, limit) => Asked(notify.IncidentsAsync(openOnly, limit, MembersListed, AskTimeout)),
            Incident = id => Asked(notify.IncidentAsync(id, AskTimeout)),
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
