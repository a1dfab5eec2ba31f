using GpuActors.Core.Alerts;
using GpuActors.Core.Incidents;

namespace GpuActors.Core.Tests.Incidents;

/// <summary>Alerts of a fleet in which a host's place follows from its number: four hosts a rack, two racks a power domain.</summary>
internal static class Fleet
{
    public static AlertFacts Alert(
        int host,
        int gpu,
        long second,
        string rule = "power_brake",
        AlertSeverity severity = AlertSeverity.Critical,
        int seq = 1,
        string xid = ""
    )
    {
        var labels = new Dictionary<string, string>
        {
            ["host"] = $"n{host}",
            ["rack"] = $"r{host / 4}",
            ["power_domain"] = $"p{host / 8}",
        };
        if (xid.Length > 0)
        {
            labels["xid"] = xid;
        }

        return new AlertFacts
        {
            AlertId = $"{rule}{xid}-{host}-{gpu}",
            Seq = seq,
            State = AlertState.Firing,
            Severity = severity,
            Rule = rule,
            Gpu = $"GPU-{host}-{gpu}",
            OpenedAtMs = second * 1000,
            TimeMs = second * 1000,
            Labels = labels,
        };
    }

    public static AlertFacts Resolved(AlertFacts alert, long second) =>
        alert with
        {
            Seq = alert.Seq + 1,
            State = AlertState.Resolved,
            TimeMs = second * 1000,
        };

    /// <summary>Decides and applies.</summary>
    public static IncidentStep Take(this IncidentState state, AlertFacts alert, bool silenced = false)
    {
        var step = state.Decide(alert, silenced);
        state.Apply(step);
        return step;
    }

    /// <summary>Incidents that no wider one has taken in.</summary>
    public static IReadOnlyList<IncidentRecord> Live(this IncidentState state) => [.. state.Incidents().Where(i => i.SupersededBy is null)];
}
