using System.Data.Common;
using GpuActors.Storage;

namespace GpuActors.Host.Settings;

/// <summary>Where actors keep what must survive a restart: checkpoints of GPU states, incidents and silences.</summary>
internal sealed record JournalSettings
{
    /// <summary>
    /// ADO.NET connection string, of the kind that <c>storage.provider</c> says. Default empty: with PostgreSQL database and schema of
    /// <c>storage</c>, with SQLite a file of its own beside that of <c>storage</c> (one file would have two writers).
    /// </summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>The connection string in force.</summary>
    public string For(StorageSettings storage)
    {
        if (ConnectionString.Length > 0)
        {
            return ConnectionString;
        }

        if (storage.Provider == StorageProvider.Postgres)
        {
            return storage.ConnectionStringOfSchema();
        }

        var parts = new DbConnectionStringBuilder { ConnectionString = storage.ConnectionString };
        var file = parts.TryGetValue("Data Source", out var source) ? (string)source : "gpuactors.db";
        return $"Data Source={Path.ChangeExtension(file, null)}-journal.db";
    }
}
