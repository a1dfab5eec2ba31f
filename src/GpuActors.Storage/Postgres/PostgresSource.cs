using Npgsql;

namespace GpuActors.Storage.Postgres;

/// <summary>Makes the connections of the configured PostgreSQL.</summary>
internal static class PostgresSource
{
    /// <summary>Connections that find tables in the configured schema only.</summary>
    public static NpgsqlDataSource Of(StorageSettings settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionStringOfSchema());
        builder.ConnectionStringBuilder.CommandTimeout = (int)Math.Ceiling(settings.CommandTimeout.TotalSeconds);
        builder.ConnectionStringBuilder.ApplicationName ??= "gpuactors";
        builder.ConnectionStringBuilder.WriteBufferSize = 64 * 1024; // A row has about 500 bytes: use fewer, larger writes to the socket.
        return builder.Build();
    }
}
