namespace GpuActors.Storage;

/// <summary>The kind of database in which telemetry is stored.</summary>
public enum StorageProvider
{
    /// <summary>Embedded SQLite: one file and one writer, for development and the demo.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or newer, with TimescaleDB if the extension is available.</summary>
    Postgres,
}
