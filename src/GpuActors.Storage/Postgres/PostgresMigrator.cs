using GpuActors.Core.Storage;
using GpuActors.Storage.Migrations;
using Npgsql;

namespace GpuActors.Storage.Postgres;

/// <summary>
/// Creates and upgrades the PostgreSQL schema: first the plain tables, then the TimescaleDB parts if the extension is available. An
/// advisory lock ensures that only one node migrates while the others wait. Tables of these names that another system has created are left
/// alone, with a message that offers a schema of its own.
/// </summary>
/// <param name="source">Connections that find tables in <paramref name="schema"/> only.</param>
/// <param name="schema">The schema; empty for the first of the search path.</param>
internal sealed class PostgresMigrator(NpgsqlDataSource source, string schema)
{
    private const long LockKey = 0x67707561; // "gpua"

    private static readonly string[] Names =
    [
        .. KnownTables.All,
        "gpu_metrics_1min",
        "gpu_metrics_5min",
        "gpu_hourly_stats",
        "schema_migrations",
    ];

    public async Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await Execute(connection, $"select pg_advisory_lock({LockKey})", cancellationToken).ConfigureAwait(false);
        try
        {
            if (schema.Length > 0)
            {
                await Execute(connection, $"create schema if not exists {schema}", cancellationToken).ConfigureAwait(false);
                // The functions of TimescaleDB are usually in the schema public.
                await Execute(connection, $"set search_path to {schema}, public", cancellationToken).ConfigureAwait(false);
            }

            await ThrowIfForeign(connection, cancellationToken).ConfigureAwait(false);
            await Execute(
                    connection,
                    """
                    create table if not exists schema_migrations (
                        family text not null, number integer not null, name text not null, checksum text not null,
                        applied_at timestamptz not null default now(), primary key (family, number))
                    """,
                    cancellationToken
                )
                .ConfigureAwait(false);
            var applied = new List<string>();
            var notes = new List<string>();
            await Apply(connection, "postgres", applied, cancellationToken).ConfigureAwait(false);
            if (await TimescaleAvailable(connection, cancellationToken).ConfigureAwait(false))
            {
                await Apply(connection, "timescale", applied, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                notes.Add(
                    "TimescaleDB is not available on this server: the schema uses plain tables and views, without hypertable, compression "
                        + "and retention"
                );
            }

            return new MigrationResult(applied, await Version(connection, cancellationToken).ConfigureAwait(false), notes);
        }
        finally
        {
            await Execute(connection, $"select pg_advisory_unlock({LockKey})", CancellationToken.None).ConfigureAwait(false);
        }
    }

    public async Task<int> GetVersionAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var exists = new NpgsqlCommand(
            "select exists (select from pg_attribute where attrelid = to_regclass('schema_migrations') and attname = 'checksum')",
            connection
        );
        return await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true
            ? await Version(connection, cancellationToken).ConfigureAwait(false)
            : 0;
    }

    // Everything that the first migration creates, and the table that says which have been applied.
    private static async Task ThrowIfForeign(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select current_schema(), string_agg(c.relname, ', ' order by c.relname)
            from pg_class c
            where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
                and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname = any($1)
                and not exists (
                    select from pg_class m join pg_attribute a on a.attrelid = m.oid
                    where m.relnamespace = c.relnamespace and m.relname = 'schema_migrations' and a.attname = 'checksum')
            """,
            connection
        )
        {
            Parameters = { new() { Value = Names } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) && !reader.IsDBNull(1))
        {
            var (place, found) = (reader.GetString(0), reader.GetString(1));
            var offered = place == "gpuactors" ? "gpuactors2" : "gpuactors";
            throw new InvalidOperationException(
                $"The schema {place} of the database has tables of another system: {found}. Nothing was changed. Use a schema of its own: "
                    + $"gpuactors migrate --schema {offered}, and set storage.schema = {offered} for the nodes (environment: "
                    + $"GPUACTORS__STORAGE__SCHEMA={offered}); or use another database"
            );
        }
    }

    private static async Task Apply(NpgsqlConnection connection, string family, List<string> applied, CancellationToken cancellationToken)
    {
        var checksums = new Dictionary<int, string>();
        await using (
            var select = new NpgsqlCommand("select number, checksum from schema_migrations where family = $1", connection)
            {
                Parameters = { new() { Value = family } },
            }
        )
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                checksums[reader.GetInt32(0)] = reader.GetString(1);
            }
        }

        foreach (var migration in Migration.Pending(Migration.Of(family), checksums))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await Execute(connection, migration.Sql, cancellationToken).ConfigureAwait(false);
            await using var record = new NpgsqlCommand(
                "insert into schema_migrations (family, number, name, checksum) values ($1, $2, $3, $4)",
                connection
            )
            {
                Parameters =
                {
                    new() { Value = family },
                    new() { Value = migration.Number },
                    new() { Value = migration.Name },
                    new() { Value = migration.Checksum },
                },
            };
            await record.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            applied.Add($"{family}/{migration.Name}");
        }
    }

    private static async Task<bool> TimescaleAvailable(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select exists (select from pg_available_extensions where name = 'timescaledb')",
            connection
        );
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
    }

    private static async Task<int> Version(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select coalesce(max(number), 0) from schema_migrations where family = 'postgres'",
            connection
        );
        return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
