namespace GpuActors.Learning.Reports;

/// <summary>A further table of a report.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Columns">Titles of the columns.</param>
/// <param name="Rows">Texts of the rows, one per column.</param>
public sealed record ReportTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
