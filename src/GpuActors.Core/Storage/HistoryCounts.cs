namespace GpuActors.Core.Storage;

/// <summary>What an import of a life and repair log did.</summary>
/// <param name="Assets">Rows of <c>gpu_assets</c>.</param>
/// <param name="Service">Rows of <c>gpu_service</c>.</param>
/// <param name="Failures">Rows of <c>gpu_failures</c>.</param>
public sealed record HistoryCounts(ImportCount Assets, ImportCount Service, ImportCount Failures);
