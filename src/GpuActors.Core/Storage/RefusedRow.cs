namespace GpuActors.Core.Storage;

/// <summary>A row that the database refuses.</summary>
/// <param name="Index">
/// Position of the row among the rows of the write, from 0. The samples of several batches are counted through, in the order of the
/// batches.
/// </param>
/// <param name="Reason">The words of the database: its message, with the name of the constraint or column where it gives one.</param>
public readonly record struct RefusedRow(int Index, string Reason);
