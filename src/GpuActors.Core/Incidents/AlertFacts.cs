using System.Globalization;
using System.Text.Json.Serialization;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;

namespace GpuActors.Core.Incidents;

/// <summary>What matchers and incidents need of an alert's transition: flat, so that it can be kept and sent.</summary>
public sealed record AlertFacts
{
    /// <summary>Name of the host's label.</summary>
    public const string HostLabel = "host";

    /// <summary>Id of the alert.</summary>
    public required string AlertId { get; init; }

    /// <summary>Number of the newest transition, from 1; 0 when the alert is known from a GPU's own state only.</summary>
    public required int Seq { get; init; }

    /// <summary>Firing or resolved.</summary>
    public required AlertState State { get; init; }

    /// <summary>Urgency.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>Id of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>The GPU's UUID.</summary>
    public required string Gpu { get; init; }

    /// <summary>When the alert opened, in sample time, Unix milliseconds.</summary>
    public required long OpenedAtMs { get; init; }

    /// <summary>When the transition's sample reached the log, Unix milliseconds: one clock for all hosts.</summary>
    public required long TimeMs { get; init; }

    /// <summary>One sentence for a person; empty when it is not known.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Labels, those of host and GPU included.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The host; empty when it is not known.</summary>
    [JsonIgnore]
    public string Host => Labels.GetValueOrDefault(HostLabel, "");

    /// <summary>
    /// A field by the name that matchers use: <c>rule</c>, <c>gpu</c>, <c>severity</c>, <c>alert_id</c> or any label; empty when the alert
    /// has none of that name.
    /// </summary>
    public string Field(string name) =>
        name switch
        {
            "rule" => Rule,
            "gpu" => Gpu,
            "severity" => AlertCodec.Name(Severity),
            "alert_id" => AlertId,
            _ => Labels.GetValueOrDefault(name, ""),
        };

    /// <summary>The facts of a transition that has its labels.</summary>
    public static AlertFacts Of(AlertTransition alert)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return new AlertFacts
        {
            AlertId = alert.AlertId,
            Seq = alert.Seq,
            State = alert.State,
            Severity = alert.Severity,
            Rule = alert.Rule,
            Gpu = alert.Gpu.Value,
            OpenedAtMs = alert.OpenedAtMs,
            TimeMs = alert.IngestedAtMs,
            Summary = alert.Summary,
            Labels = LabelsOf(alert),
        };
    }

    private static Dictionary<string, string> LabelsOf(AlertTransition alert)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                labels[name] = value;
            }
        }

        Add(HostLabel, alert.Info.Host);
        Add("model", alert.Info.Model);
        Add("pci", alert.Info.PciBusId);
        Add("gpu_index", alert.Info.Index < 0 ? "" : alert.Info.Index.ToString(CultureInfo.InvariantCulture));
        Add("driver", alert.Info.Driver);
        if (alert.Info.Workload is { } workload)
        {
            Add("namespace", workload.Namespace);
            Add("pod", workload.Pod);
            Add("container", workload.Container);
        }

        foreach (var (name, value) in alert.Labels ?? new Dictionary<string, string>())
        {
            Add(name, value);
        }

        return labels;
    }
}
