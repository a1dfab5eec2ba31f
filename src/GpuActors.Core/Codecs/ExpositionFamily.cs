namespace GpuActors.Core.Codecs;

/// <summary>A metric family of an exporter's page that means something here.</summary>
/// <param name="Index">Dense number of the family, from 0.</param>
/// <param name="Use">What its rows are.</param>
/// <param name="Slot">Slot of the metric; -1 when the family is none of the catalogue's.</param>
/// <param name="Link">NVLink whose own family this is; -1 otherwise.</param>
/// <param name="Sum">Dense number of the metric among those that are sums over links; -1 otherwise.</param>
/// <param name="PerInstance">True where the row of a MIG instance speaks of the instance alone.</param>
internal sealed record ExpositionFamily(int Index, FamilyUse Use, int Slot = -1, int Link = -1, int Sum = -1, bool PerInstance = false);
