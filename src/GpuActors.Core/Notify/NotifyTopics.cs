namespace GpuActors.Core.Notify;

/// <summary>Names of the topics that NOTIFY reads and writes.</summary>
/// <param name="Alerts">Transitions of alerts; read.</param>
/// <param name="Open">Open alerts, compacted; the partition is that of the GPU, the key the alert's id.</param>
/// <param name="Incidents">Incidents, compacted by id.</param>
/// <param name="Pages">Pages, by incident.</param>
/// <param name="Operations">Acknowledgements and silences, compacted by kind and id.</param>
public sealed record NotifyTopics(string Alerts, string Open, string Incidents, string Pages, string Operations);
