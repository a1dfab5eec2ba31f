using System.Data.Common;
using GpuActors.Core.Storage;

namespace GpuActors.Storage;

/// <summary>Distinguishes transient database errors from permanent ones.</summary>
public static class StoreErrors
{
    /// <summary>
    /// True if the same write may succeed later: the server is down or restarting, the connection is broken, or the statement failed
    /// because of a lock or a time-out. False for errors that need the intervention of an operator or a restart from the stored offset:
    /// offset conflicts, missing tables, failed logins.
    /// </summary>
    public static bool IsTransient(Exception error) =>
        error switch
        {
            OffsetConflictException => false,
            Npgsql.PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['4', '0', ..] or ['5', '5', ..] } =>
                true,
            Npgsql.PostgresException => false,
            // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL
            Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 10 or 13,
            DbException db => db.IsTransient || db.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException,
            TimeoutException or IOException or System.Net.Sockets.SocketException => true,
            _ => false,
        };
}
