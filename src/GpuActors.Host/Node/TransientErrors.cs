using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;

namespace GpuActors.Host.Node;

/// <summary>
/// Tells errors of a database that pass (a restart, a lock, a network) from those that stay (a missing table, a full type).
/// </summary>
internal static class TransientErrors
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;

    public static bool IsTransient(Exception error) =>
        error switch
        {
            SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => true,
            DbException { IsTransient: true } => true,
            IOException or SocketException or TimeoutException => true,
            { InnerException: { } inner } => IsTransient(inner),
            _ => false,
        };
}
