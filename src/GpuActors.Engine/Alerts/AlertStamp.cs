using Akka.Actor;
using GpuActors.Core.Alerts;
using GpuActors.Core.Topology;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Silences;

namespace GpuActors.Engine.Alerts;

/// <summary>
/// What a transition gets on its way out: the place of its host, who silenced or acknowledged it, and its incident. Everything but the
/// incident is looked up in memory.
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
    /// <summary>Judges what belongs together; null when incidents are switched off.</summary>
    public IActorRef? Incidents => incidents;

    /// <summary>How long a transition waits for that judgement.</summary>
    public TimeSpan DecisionTimeout => decisionTimeout;

    /// <summary>Alerts that are open on this node.</summary>
    public OpenAlertView Open => open;

    /// <summary>The record with everything but its incident; the page is what it is without one.</summary>
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
