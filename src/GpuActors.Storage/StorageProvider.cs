namespace GpuActors.Storage;

/// <summary>Which database is behind the store.</summary>
public enum StorageProvider
{
    /// <summary>The embedded one: one file, one writer, for a laptop and the demo.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or newer, with TimescaleDB where the extension is available.</summary>
    Postgres,
}
