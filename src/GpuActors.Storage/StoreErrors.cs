using System.Data.Common;
using GpuActors.Core.Storage;

namespace GpuActors.Storage;

/// <summary>Tells errors that pass by themselves from those that do not.</summary>
public static class StoreErrors
{
    /// <summary>
    /// True when the same write may succeed later: the server is down or restarting, the connection broke, a lock or a time-out was in the
    /// way. False for a conflict of offsets, a missing table or a refused login, which need somebody.
    /// </summary>
    public static bool IsTransient(Exception error) =>
        error switch
        {
            OffsetConflictException => false,
            Npgsql.PostgresException { SqlState: ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] or ['4', '0', ..] or ['5', '5', ..] } =>
                true,
            Npgsql.PostgresException => false,
            // busy, locked, I/O error, disk full
            Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 10 or 13,
            DbException db => db.IsTransient || db.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException,
            TimeoutException or IOException or System.Net.Sockets.SocketException => true,
            _ => false,
        };
}
