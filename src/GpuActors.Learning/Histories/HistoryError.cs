namespace GpuActors.Learning.Histories;

/// <summary>A line of a life and repair log that could not be read.</summary>
/// <param name="Line">Line of the file, from 1; the header is line 1.</param>
/// <param name="Reason">The column, its value and what it must be.</param>
public sealed record HistoryError(int Line, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}: {Reason}";
}
