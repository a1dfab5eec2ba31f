using GpuActors.Core.Storage;
using GpuActors.Storage.Migrations;
using Npgsql;

namespace GpuActors.Storage.Postgres;

/// <summary>
/// Creates and upgrades the PostgreSQL schema: first the plain tables, then the TimescaleDB parts if the extension is available. An
/// advisory lock ensures that only one node migrates while the others wait.
/// </summary>
internal sealed class PostgresMigrator(NpgsqlDataSource source)
{
    private const long LockKey = 0x67707561; // "gpua"

    public async Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await Execute(connection, $"select pg_advisory_lock({LockKey})", cancellationToken).ConfigureAwait(false);
        try
        {
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
        await using var exists = new NpgsqlCommand("select to_regclass('schema_migrations') is not null", connection);
        return await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true
            ? await Version(connection, cancellationToken).ConfigureAwait(false)
            : 0;
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
