using GpuActors.Core.Alerts;
using GpuActors.Core.Notify;
using GpuActors.Core.Silences;

namespace GpuActors.Core.Tests.Notify;

/// <summary>Something that happens to NOTIFY.</summary>
/// <param name="Kind">What.</param>
/// <param name="Host">On which host.</param>
/// <param name="Gpu">On which GPU of it.</param>
/// <param name="Rule">Whose alert.</param>
/// <param name="PauseMs">How long after what came before.</param>
/// <param name="TakesOver">Whether a successor has taken over meanwhile.</param>
internal sealed record NotifyStep(NotifyStep.StepKind Kind, int Host, int Gpu, string Rule, long PauseMs, bool TakesOver)
{
    internal enum StepKind
    {
        Fire,
        Resolve,
        Silence,
        ExpireSilence,
        Acknowledge,
        Unacknowledge,
        Nothing,
    }

    /// <summary>Does it. What is not possible now (a silence that exists, an alert that is not open) changes nothing.</summary>
    public void Do(NotifyState state, long nowMs)
    {
        var open = state.Alerts().FirstOrDefault(a => a.Alert.Gpu == Alert(nowMs).Gpu && a.Alert.Rule == Rule)?.Alert;
        switch (Kind)
        {
            case StepKind.Fire when open is null:
                state.Apply(Alert(nowMs), nowMs);
                break;
            case StepKind.Resolve when open is not null:
                state.Apply(Fleet.Resolved(open, nowMs / 1000), nowMs);
                break;
            case StepKind.Silence:
                _ = state.Execute(new AlertControlCommand.Add(Silence(nowMs)), nowMs);
                break;
            case StepKind.ExpireSilence:
                foreach (var silence in state.Control.Snapshot.Silences.Where(s => s.IsActive(nowMs)).Take(1).ToList())
                {
                    _ = state.Execute(new AlertControlCommand.Expire(silence.Id), nowMs);
                }

                break;
            case StepKind.Acknowledge when open is not null:
                _ = state.Execute(new AlertControlCommand.Acknowledge(open.AlertId, "ann", ""), nowMs);
                break;
            case StepKind.Unacknowledge when open is not null:
                _ = state.Execute(new AlertControlCommand.Unacknowledge(open.AlertId), nowMs);
                break;
        }
    }

    private AlertTransition Alert(long nowMs) =>
        Fleet.Alert(Host, Gpu, nowMs / 1000, Rule, Rule == "ecc_sbe" ? AlertSeverity.Warning : AlertSeverity.Critical) with
        {
            AlertId = AlertId.Parse($"{Rule}-{Host}-{Gpu}-{nowMs}"),
            OpenedAtMs = nowMs,
        };

    private Silence Silence(long nowMs) =>
        new($"s-{Host}-{nowMs}", [new("host", $"n{Host}")], nowMs, nowMs + Durations.HourMs, "ann", "", SilenceKind.Silence);
}
