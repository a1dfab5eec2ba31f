using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GpuActors.Storage.Migrations;

/// <summary>One numbered file of <c>deploy/sql</c>, embedded in this assembly.</summary>
internal sealed record Migration(string Family, int Number, string Name, string Sql)
{
    /// <summary>
    /// First 16 hexadecimal digits of the SHA-256 of the SQL text. It detects that a file was changed after it had been applied.
    /// </summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))))[..16];

    /// <summary>Gets the migrations of a family (<c>postgres</c>, <c>timescale</c>, <c>sqlite</c>), in order of their numbers.</summary>
    public static IReadOnlyList<Migration> Of(string family)
    {
        var assembly = typeof(Migration).Assembly;
        var prefix = $"sql/{family}/";
        return assembly
            .GetManifestResourceNames()
            .Where(n => n.Replace('\\', '/').StartsWith(prefix, StringComparison.Ordinal))
            .Select(n => Read(assembly.GetManifestResourceStream(n)!, family, n.Replace('\\', '/')[prefix.Length..]))
            .OrderBy(m => m.Number)
            .ToList();
    }

    /// <summary>Gets the migrations that are not applied yet.</summary>
    /// <param name="all">All migrations of the family, in order.</param>
    /// <param name="applied">Checksums of the applied migrations, by number.</param>
    /// <exception cref="InvalidOperationException">An applied file was changed, or the database is newer than this executable.</exception>
    public static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> all, IReadOnlyDictionary<int, string> applied)
    {
        foreach (var migration in all)
        {
            if (applied.TryGetValue(migration.Number, out var checksum) && checksum != migration.Checksum)
            {
                throw new InvalidOperationException(
                    $"Migration {migration.Family}/{migration.Name} was applied with checksum {checksum}, but the file now has checksum "
                        + $"{migration.Checksum}: restore the file and put the change into a new migration"
                );
            }
        }

        var newest = all.Count == 0 ? 0 : all[^1].Number;
        if (applied.Keys.DefaultIfEmpty(0).Max() is var version && version > newest)
        {
            throw new InvalidOperationException(
                $"The database has schema version {version}, but this executable supports versions up to {newest}: run the version of "
                    + "gpuactors that upgraded the database, or a newer one"
            );
        }

        return all.Where(m => !applied.ContainsKey(m.Number)).ToList();
    }

    private static Migration Read(Stream resource, string family, string name)
    {
        using var reader = new StreamReader(resource, Encoding.UTF8);
        return new Migration(family, int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
