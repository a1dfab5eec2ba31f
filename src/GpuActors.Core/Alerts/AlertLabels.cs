using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;

namespace GpuActors.Core.Alerts;

/// <summary>
/// The labels of an alert: what a sample says of the GPU, the place of its host, and what the rule adds. This is the only place that makes
/// them: records, silences, incidents, the API and the tables all use the labels of the alert as they are. A label has a non-empty value.
/// Immutable, compared by value.
/// </summary>
[JsonConverter(typeof(AlertLabelsConverter))]
public sealed class AlertLabels : IEquatable<AlertLabels>
{
    private AlertLabels() { }

    /// <summary>No labels.</summary>
    public static AlertLabels None { get; } = new();

    /// <summary>Names and values, in ordinal order of the names.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All { get; private init; } = [];

    /// <summary>The host; empty when it is not known.</summary>
    public string Host => this[AlertLabelNames.Host];

    /// <summary>The value of a label; empty when the alert does not have it.</summary>
    public string this[string name]
    {
        get
        {
            foreach (var label in All)
            {
                if (label.Key == name)
                {
                    return label.Value;
                }
            }

            return "";
        }
    }

    /// <summary>The labels that follow from what a sample says of the GPU and its workload.</summary>
    public static AlertLabels Of(GpuInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return From([
            new(AlertLabelNames.Host, info.Host),
            new(AlertLabelNames.GpuIndex, info.Index < 0 ? "" : info.Index.ToString(CultureInfo.InvariantCulture)),
            new(AlertLabelNames.Model, info.Model),
            new(AlertLabelNames.Pci, info.PciBusId),
            new(AlertLabelNames.Driver, info.Driver),
            new(AlertLabelNames.Namespace, info.Workload?.Namespace ?? ""),
            new(AlertLabelNames.Pod, info.Workload?.Pod ?? ""),
            new(AlertLabelNames.Container, info.Workload?.Container ?? ""),
        ]);
    }

    /// <summary>
    /// The given labels. Empty values are left out; of several with one name the last holds. Names and values are cut to
    /// <see cref="TextLimits"/>, and of more than <see cref="TextLimits.Labels"/> the first are kept.
    /// </summary>
    public static AlertLabels From(IEnumerable<KeyValuePair<string, string>> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in labels)
        {
            if (value.Length > 0)
            {
                sorted[TextLimits.Cut(name, TextLimits.Name)] = TextLimits.Cut(value, TextLimits.Label);
            }
        }

        return new AlertLabels { All = sorted.Take(TextLimits.Labels).ToArray() };
    }

    /// <summary>These labels and one that the rule adds; it replaces one of the same name.</summary>
    /// <param name="name">Name of the label.</param>
    /// <param name="value">Its value; with an empty one nothing is added.</param>
    public AlertLabels With(string name, string value) => From([.. All, new(name, value)]);

    /// <summary>These labels and those of the host's place. A label that the alert has already is kept.</summary>
    public AlertLabels At(Place place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return From([.. place.Known(), .. All]);
    }

    /// <summary>The labels as one JSON object, as tables keep them.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <inheritdoc/>
    public bool Equals(AlertLabels? other) => other is not null && All.SequenceEqual(other.All);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AlertLabels);

    /// <inheritdoc/>
    public override int GetHashCode() => All.Aggregate(0, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", All.Select(label => $"{label.Key}={label.Value}"));
}
