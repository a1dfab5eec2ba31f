using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Topology;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Silences;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// Completes a transition before it is published: the place of its host, its silence, its acknowledgement and its incident. Everything
/// except the incident is looked up in memory.
/// </summary>
internal sealed class AlertStamp(
    FleetTopology topology,
    AlertControlViewHolder control,
    OpenAlertView open,
    IActorRef? incidents,
    IActorRef? controlActor,
    TimeSpan decisionTimeout,
    TimeProvider time
)
{
    /// <summary>The incident actor; null when incidents are disabled.</summary>
    public IActorRef? Incidents => incidents;

    /// <summary>How long a transition waits for its incident.</summary>
    public TimeSpan DecisionTimeout => decisionTimeout;

    /// <summary>Alerts that are open on this node.</summary>
    public OpenAlertView Open => open;

    /// <summary>The transition with everything except its incident; <c>page</c> is set as for an alert without incident.</summary>
    public AlertTransition Stamp(AlertTransition alert)
    {
        alert = alert with { Labels = alert.Labels.At(topology.Of(alert.Labels.Host)) };
        var view = control.Current;
        var silence = view.SilenceOf(alert, time.GetUtcNow().ToUnixTimeMilliseconds());
        var acknowledgement = view.AcknowledgementOf(alert.AlertId);
        if (alert.State == AlertState.Resolved && acknowledgement is { ResolvedAtMs: null })
        {
            controlActor?.Tell(
                new AlertControlProtocol.Execute(new Core.Silences.AlertControlCommand.NoteResolved(alert.AlertId)),
                ActorRefs.NoSender
            );
        }

        open.Update(alert);
        return alert with
        {
            SilencedBy = silence?.Id,
            AcknowledgedBy = acknowledgement?.By,
            Page = alert is { State: AlertState.Firing, Severity: AlertSeverity.Critical } && silence is null && acknowledgement is null,
        };
    }
}
