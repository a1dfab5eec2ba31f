namespace GpuActors.Core.Storage;

/// <summary>What an import did to the rows of a table.</summary>
/// <param name="New">Rows that were added.</param>
/// <param name="Changed">Rows that were there and now say something else.</param>
/// <param name="Unchanged">Rows that were there and said the same.</param>
public readonly record struct ImportCount(long New, long Changed, long Unchanged);
