using NpgsqlTypes;

namespace GpuActors.Storage.Assets;

/// <summary>A table that an import writes, with the parts of SQL that are the same in PostgreSQL and SQLite.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">The columns that are written; others keep their values.</param>
internal sealed record ImportTable<TRow>(string Name, IReadOnlyList<ImportColumn<TRow>> Columns)
{
    /// <summary>Names of the columns, separated by commas.</summary>
    public string Names => string.Join(", ", Columns.Select(c => c.Name));

    /// <summary>Names of the columns of the key, separated by commas.</summary>
    public string Keys => string.Join(", ", Columns.Where(c => c.Rule == ImportRule.Key).Select(c => c.Name));

    /// <summary>Values of a new row: a structured value that is null becomes an empty object.</summary>
    /// <param name="value">SQL of the imported value of a column.</param>
    public string Inserted(Func<string, string> value) =>
        string.Join(", ", Columns.Select(c => c.Type == NpgsqlDbType.Jsonb ? $"coalesce({value(c.Name)}, '{{}}')" : value(c.Name)));

    /// <summary>An update of rows that are there, which touches only those that it changes; null if the table has only keys.</summary>
    /// <param name="value">SQL of the imported value of a column.</param>
    /// <param name="from">The clause that brings the imported rows in; empty if there is none.</param>
    public string? Update(Func<string, string> value, string from)
    {
        var changing = Columns.Where(c => c.Rule != ImportRule.Key).ToList();
        if (changing.Count == 0)
        {
            return null;
        }

        var keys = Columns.Where(c => c.Rule == ImportRule.Key).Select(c => $"t.{c.Name} = {value(c.Name)}");
        var changes = changing.Select(c => $"t.{c.Name} is distinct from {Result(c, value)}");
        return $"update {Name} as t set {string.Join(", ", changing.Select(c => $"{c.Name} = {Result(c, value)}"))} {from} "
            + $"where {string.Join(" and ", keys)} and ({string.Join(" or ", changes)})";
    }

    private static string Result(ImportColumn<TRow> column, Func<string, string> value) =>
        column.Rule switch
        {
            ImportRule.ReplaceUnlessNull => $"coalesce({value(column.Name)}, t.{column.Name})",
            ImportRule.KeepUnlessNull => $"coalesce(t.{column.Name}, {value(column.Name)})",
            _ => value(column.Name),
        };
}
