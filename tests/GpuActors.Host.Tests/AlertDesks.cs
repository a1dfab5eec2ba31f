using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Engine.Alerts;
using GpuActors.Host.Http;

namespace GpuActors.Host.Tests;

/// <summary>A node's alerts without a cluster: acknowledgements and silences in memory.</summary>
internal sealed class AlertDesks
{
    private readonly AlertControlState _control = new();
    private readonly IncidentState _incidents = new(new IncidentSettings());

    public AlertDesks()
    {
        foreach (var alert in Alerts)
        {
            _incidents.Apply(_incidents.Decide(alert, false));
        }
    }

    /// <summary>While on, whatever must ask another actor gets no answer.</summary>
    public bool IsDown { get; set; }

    /// <summary>What is said of alerts beside them.</summary>
    public OpenAlertsFound Found { get; set; } = new([], 0, 1, []);

    public AlertDesk Desk =>
        new()
        {
            OpenAlerts = where =>
            {
                var view = new AlertControlView(_control.Save());
                return Task.FromResult(
                    Found with
                    {
                        Alerts =
                        [
                            .. Alerts
                                .Where(a => where.All(wanted => a.Field(wanted.Key) == wanted.Value))
                                .Select(a =>
                                    view.Annotate(
                                        OpenAlert.Of(a) with
                                        {
                                            IncidentId = "i1",
                                        },
                                        TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()
                                    )
                                ),
                        ],
                    }
                );
            },
            IsOpen = id => Task.FromResult(Alerts.Any(a => a.AlertId == id)),
            Control = _control.Save,
            Execute = command => IsDown ? throw new TimeoutException() : Task.FromResult(Execute(command)),
            Incidents = (_, limit) =>
                IsDown
                    ? throw new TimeoutException()
                    : Task.FromResult<IReadOnlyList<IncidentRecord>>([.. _incidents.Incidents().Take(limit)]),
            Incident = id => Task.FromResult(_incidents.Find(id)),
        };

    private static AlertTransition[] Alerts { get; } = [Alert("a1", "n1", "GPU-1"), Alert("a2", "n1", "GPU-2")];

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

    private AlertControlOutcome Execute(AlertControlCommand command)
    {
        var outcome = _control.Decide(command, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        if (outcome.Event is { } happened)
        {
            _control.Apply(happened);
        }

        return outcome;
    }
}
