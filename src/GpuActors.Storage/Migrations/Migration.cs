using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GpuActors.Storage.Migrations;

/// <summary>One numbered file of <c>deploy/sql</c>, as it is embedded in this assembly.</summary>
internal sealed record Migration(string Family, int Number, string Name, string Sql)
{
    /// <summary>First 16 hexadecimal digits of the SHA-256 of the text: a file that was applied must not change afterwards.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))))[..16];

    /// <summary>The migrations of a family (<c>postgres</c>, <c>timescale</c>, <c>sqlite</c>) in order.</summary>
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

    /// <summary>Which of <paramref name="all"/> are still to be applied to a database that has <paramref name="applied"/>.</summary>
    /// <exception cref="InvalidOperationException">An applied file has changed, or the database is newer than this executable.</exception>
    public static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> all, IReadOnlyDictionary<int, string> applied)
    {
        foreach (var migration in all)
        {
            if (applied.TryGetValue(migration.Number, out var checksum) && checksum != migration.Checksum)
            {
                throw new InvalidOperationException(
                    $"Migration {migration.Family}/{migration.Name} was applied with checksum {checksum} and is now {migration.Checksum}: restore the file and put the change into a new one"
                );
            }
        }

        var newest = all.Count == 0 ? 0 : all[^1].Number;
        if (applied.Keys.DefaultIfEmpty(0).Max() is var there && there > newest)
        {
            throw new InvalidOperationException(
                $"The database has migration {there} and this executable knows up to {newest}: run an executable at least as new as the one that upgraded the database"
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
