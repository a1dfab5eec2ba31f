using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;
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
                                .Select(a => new LiveAlert(
                                    a,
                                    "i1",
                                    view.SilenceOf(a, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()),
                                    view.AcknowledgementOf(a.AlertId)
                                )),
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

    private static AlertFacts[] Alerts { get; } = [Alert("a1", "n1", "GPU-1"), Alert("a2", "n1", "GPU-2")];

    private static AlertFacts Alert(string id, string host, string gpu) =>
        new()
        {
            AlertId = id,
            Seq = 1,
            State = AlertState.Firing,
            Severity = AlertSeverity.Critical,
            Rule = "power_brake",
            Gpu = gpu,
            OpenedAtMs = 1_795_435_200_000,
            TimeMs = 1_795_435_200_000,
            Summary = $"Power brake on {host}",
            Labels = new Dictionary<string, string> { ["host"] = host },
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
