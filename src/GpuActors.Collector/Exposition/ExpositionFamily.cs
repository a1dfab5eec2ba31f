namespace GpuActors.Collector.Exposition;

/// <summary>A known metric family of an exporter's page.</summary>
/// <param name="Index">Dense number of the family, from 0.</param>
/// <param name="Use">Meaning of the rows.</param>
/// <param name="Slot">Slot of the metric; -1 when the family is not in the catalogue.</param>
/// <param name="Link">Number of the NVLink for a family of one link; -1 otherwise.</param>
/// <param name="Sum">Dense number of the metric among the metrics that are sums over links; -1 otherwise.</param>
/// <param name="PerInstance">True where the row of a MIG instance describes only the instance, not its GPU.</param>
internal sealed record ExpositionFamily(int Index, FamilyUse Use, int Slot = -1, int Link = -1, int Sum = -1, bool PerInstance = false);
