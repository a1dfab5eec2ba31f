using System.Data.Common;
using System.Net.Sockets;
using System.Text;
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
        SqliteFull = 13,
        SqliteTooBig = 18,
        SqliteConstraint = 19,
        SqliteMismatch = 20;

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

    /// <summary>
    /// True if the database, or its client, refuses a row because of its content, so that the same write without the row can succeed. False
    /// for errors that every row would meet, such as a missing column or right: they must not turn good rows into dead letters.
    /// </summary>
    public static bool IsRefusal(Exception error) =>
        error switch
        {
            PostgresException postgres => IsRefusalState(postgres.SqlState),
            SqliteException sqlite => sqlite.SqliteErrorCode is SqliteTooBig or SqliteConstraint or SqliteMismatch,
            // The client cannot encode a value of the row.
            InvalidCastException or OverflowException or ArgumentOutOfRangeException or EncoderFallbackException => true,
            _ => false,
        };

    /// <summary>The words of the database about a refused row, with the error code of PostgreSQL.</summary>
    public static string ReasonOf(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is PostgresException postgres ? $"{postgres.SqlState}: {postgres.MessageText}" : error.Message;
    }

    // Classes of PostgreSQL's error codes: data exception, integrity constraint violation, check option of a view, program limit (such as
    // the size of an index entry). P0001 is raised by a trigger.
    private static bool IsRefusalState(string sqlState) =>
        sqlState == "P0001" || (sqlState.Length == 5 && sqlState[..2] is "22" or "23" or "44" or "54");

    // Classes of PostgreSQL's error codes: connection, transaction rollback (deadlock, serialization), insufficient resources, object in
    // use or locked, operator intervention (shutdown, cancelled statement).
    private static bool IsTransientState(string sqlState) => sqlState.Length == 5 && sqlState[..2] is "08" or "40" or "53" or "55" or "57";
}
