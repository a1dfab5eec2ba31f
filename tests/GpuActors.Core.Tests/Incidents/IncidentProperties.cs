using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Incidents;

namespace GpuActors.Core.Tests.Incidents;

/// <summary>What holds for any order, repetition and timing of transitions.</summary>
public sealed class IncidentProperties
{
    private static readonly IncidentSettings Settings = new();

    public static Arbitrary<AlertTransition[]> Histories { get; } = Transitions().ArrayOf().ToArbitrary();

    [Property(MaxTest = 500)]
    public Property No_incident_pages_twice() =>
        Prop.ForAll(
            Histories,
            history =>
            {
                var state = new IncidentState(Settings);
                var paged = history
                    .Select(a => state.Take(a))
                    .Where(s => s is { Page: true, Changes: true })
                    .Select(s => s.Alert.AlertId)
                    .ToHashSet();
                return state.Live().All(i => i.Pages <= 1 && i.Members.Count(m => paged.Contains(m.AlertId)) == i.Pages);
            }
        );

    [Property(MaxTest = 500)]
    public Property Every_alert_is_in_one_incident_or_alone_and_every_alert_that_is_critical_and_alone_has_paged() =>
        Prop.ForAll(
            Histories,
            history =>
            {
                var state = new IncidentState(Settings);
                var paged = history.Select(a => state.Take(a)).Where(s => s.Page).Select(s => s.Alert.AlertId).ToHashSet();
                var members = state.Live().SelectMany(i => i.Members).Select(m => m.AlertId).ToList();
                var alone = history.Where(a =>
                    a is { State: AlertState.Firing, Severity: AlertSeverity.Critical }
                    && !members.Contains(a.AlertId)
                    && state.IsOpen(a.AlertId)
                );
                return members.Count == members.Distinct().Count() && alone.All(a => paged.Contains(a.AlertId));
            }
        );

    [Property(MaxTest = 500)]
    public Property An_incident_is_resolved_exactly_when_all_of_its_alerts_are() =>
        Prop.ForAll(
            Histories,
            history =>
            {
                var state = new IncidentState(Settings);
                Array.ForEach(history, a => state.Take(a));
                return state.Live().All(i => i.State == AlertState.Resolved == i.Members.All(m => m.State == AlertState.Resolved))
                    && state.OpenIncidents == state.Live().Count(i => i.State == AlertState.Firing);
            }
        );

    [Property(MaxTest = 300)]
    public Property The_same_history_gives_the_same_incidents_also_over_restarts_and_with_everything_said_twice() =>
        Prop.ForAll(
            Histories,
            Gen.Choose(0, 50).ToArbitrary(),
            (history, cut) =>
            {
                var plain = new IncidentState(Settings);
                Array.ForEach(history, a => plain.Take(a));
                var restarted = new IncidentState(Settings);
                for (var i = 0; i < history.Length; i++)
                {
                    restarted = i == cut ? IncidentState.Load(Settings, restarted.Save()) : restarted;
                    restarted.Take(history[i]);
                    restarted.Take(history[i]);
                }

                return Text(plain) == Text(restarted);
            }
        );

    [Property(MaxTest = 300)]
    public Property The_facts_alone_rebuild_the_state() =>
        Prop.ForAll(
            Histories,
            history =>
            {
                var state = new IncidentState(Settings);
                var steps = history.Select(a => state.Take(a)).Where(s => s.Changes).ToList();
                // Other settings decide otherwise, but what was decided stays.
                var rebuilt = new IncidentState(Settings with { MinMembers = 5, Window = TimeSpan.FromSeconds(1) });
                steps.ForEach(s => rebuilt.Apply(s));
                return Text(state) == Text(rebuilt);
            }
        );

    private static string Text(IncidentState state) =>
        string.Join('\n', state.Incidents().Select(i => System.Text.Encoding.UTF8.GetString(IncidentCodec.Encode(i))));

    private static Gen<AlertTransition> Transitions() =>
        from host in Gen.Choose(0, 9)
        from gpu in Gen.Choose(0, 2)
        from second in Gen.Choose(0, 600)
        from rule in Gen.Elements("power_brake", "hw_thermal", "gpu_absent", "ecc_dbe")
        from seq in Gen.Choose(1, 4)
        // What a transition says follows from alert and number: one GPU in three begins with a warning, and some alerts open again.
        select Fleet.Alert(host, gpu, second, rule, gpu == 2 && seq == 1 ? AlertSeverity.Warning : AlertSeverity.Critical, seq) with
        {
            State = seq == 4 || (seq == 2 && gpu == 1) ? AlertState.Resolved : AlertState.Firing,
        };
}
