using System.Data.Common;
using System.Net.Sockets;
using GpuActors.Core.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GpuActors.Storage;

/// <summary>Distinguishes transient database errors from permanent ones.</summary>
public static class StoreErrors
{
    private const int SqliteBusy = 5,
        SqliteLocked = 6,
        SqliteIoError = 10,
        SqliteFull = 13;

    /// <summary>
    /// True if the same write may succeed later: the server is down or restarting, the connection is broken, or the statement failed
    /// because of a lock or a time-out. False for errors that need the intervention of an operator or a restart from the stored offset:
    /// offset conflicts, missing tables, failed logins.
    /// </summary>
    public static bool IsTransient(Exception error) =>
        error switch
        {
            OffsetConflictException => false,
            PostgresException postgres => postgres.IsTransient || IsTransientState(postgres.SqlState),
            SqliteException sqlite => sqlite.SqliteErrorCode is SqliteBusy or SqliteLocked or SqliteIoError or SqliteFull,
            DbException { IsTransient: true } => true,
            TimeoutException or IOException or SocketException => true,
            { InnerException: { } inner } => IsTransient(inner),
            _ => false,
        };

    // Classes of PostgreSQL's error codes: connection, transaction rollback (deadlock, serialization), insufficient resources, object in
    // use or locked, operator intervention (shutdown, cancelled statement).
    private static bool IsTransientState(string sqlState) => sqlState.Length == 5 && sqlState[..2] is "08" or "40" or "53" or "55" or "57";
}
