using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Samples;
using GpuActors.Engine.Composition;
using GpuActors.Host.Http;

namespace GpuActors.Host.Tests;

/// <summary>A node's alerts without a cluster: NOTIFY's state in memory.</summary>
internal sealed class AlertDesks
{
    private readonly NotifyState _state = new(new IncidentSettings(), new NotifySettings());

    public AlertDesks()
    {
        _state.Apply(Alert("a1", "n1", "GPU-1"), Now);
        _state.Apply(Alert("a2", "n1", "GPU-2"), Now);
        _ = _state.Decide(Now);
    }

    /// <summary>While on, NOTIFY does not answer.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether a node has the role notify.</summary>
    public bool IsPossible { get; set; } = true;

    /// <summary>How many alerts an answer leaves out.</summary>
    public int LeftOut { get; set; }

    public AlertDesk Desk =>
        new()
        {
            IsPossible = () => IsPossible,
            OpenAlerts = where => Answer(Found(_state.Alerts().Where(a => where.All(wanted => a.Alert.Field(wanted.Key) == wanted.Value)))),
            Control = () => Answer(_state.Control.Snapshot),
            Preview = silence => Answer(Found(_state.Preview(silence))),
            Execute = command => Answer(_state.Execute(command, Now)),
            Incidents = (openOnly, limit) => Answer<IReadOnlyList<IncidentRecord>>([.. _state.Incidents(openOnly).Take(limit)]),
            Incident = id => Answer(_state.FindIncident(id)),
        };

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private Task<T> Answer<T>(T value) => IsDown ? throw new TimeoutException() : Task.FromResult(value);

    private OpenAlertsFound Found(IEnumerable<NotifiedAlert> alerts) =>
        new([.. alerts.Select(a => _state.Control.Annotate(OpenAlert.Of(a.Alert) with { IncidentId = a.IncidentId }, Now))], LeftOut);

    private static AlertTransition Alert(string id, string host, string gpu) =>
        new()
        {
            AlertId = AlertId.Parse(id),
            Seq = 1,
            State = AlertState.Firing,
            Severity = AlertSeverity.Critical,
            Rule = "power_brake",
            Gpu = GpuId.Parse(gpu),
            Summary = $"Power brake on {host}",
            Value = 3,
            Threshold = 3,
            OpenedAtMs = 1_795_435_200_000,
            SourceTimeMs = 1_795_435_200_000,
            IngestedAtMs = 1_795_435_200_000,
            Action = "check-power",
            Runbook = "#power-brake",
            Labels = AlertLabels.None.With(AlertLabelNames.Host, host),
        };
}
