namespace GpuActors.Core.Storage;

/// <summary>
/// The database refuses some of the rows of a write because of their content: a constraint, a value out of range, text that it cannot hold.
/// Nothing was written. The same write without these rows can succeed; with them it never will.
/// </summary>
public sealed class RowsRefusedException : Exception
{
    /// <summary>Creates the exception with a message that names the number of rows and the words of the database about the first.</summary>
    /// <param name="rows">The refused rows, by ascending index; at least one.</param>
    /// <param name="inner">The error of the first of them.</param>
    public RowsRefusedException(IReadOnlyList<RefusedRow> rows, Exception inner)
        : base($"The database refuses {rows.Count} rows, the first because: {rows[0].Reason}", inner) => Rows = rows;

    /// <summary>The refused rows, by ascending index.</summary>
    public IReadOnlyList<RefusedRow> Rows { get; }
}
