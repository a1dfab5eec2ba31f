using NpgsqlTypes;

namespace GpuActors.Storage.Assets;

/// <summary>A column of a table that an import writes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in PostgreSQL.</param>
/// <param name="Rule">What becomes of the value in the database.</param>
/// <param name="Value">Its value for a row: text, <see cref="int"/>, <see cref="DateOnly"/>, or Unix milliseconds for a time.</param>
internal sealed record ImportColumn<TRow>(string Name, NpgsqlDbType Type, ImportRule Rule, Func<TRow, object?> Value);
