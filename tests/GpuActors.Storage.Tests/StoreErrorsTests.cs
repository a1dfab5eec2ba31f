using System.Net.Sockets;
using GpuActors.Core.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace GpuActors.Storage.Tests;

/// <summary>The classification that decides whether STORE tries a write again.</summary>
public sealed class StoreErrorsTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.ConnectionFailure, true)]
    [InlineData(PostgresErrorCodes.DeadlockDetected, true)]
    [InlineData(PostgresErrorCodes.SerializationFailure, true)]
    [InlineData(PostgresErrorCodes.DiskFull, true)]
    [InlineData(PostgresErrorCodes.TooManyConnections, true)]
    [InlineData(PostgresErrorCodes.LockNotAvailable, true)]
    [InlineData(PostgresErrorCodes.AdminShutdown, true)]
    [InlineData(PostgresErrorCodes.CannotConnectNow, true)]
    [InlineData(PostgresErrorCodes.QueryCanceled, true)]
    [InlineData(PostgresErrorCodes.UndefinedTable, false)]
    [InlineData(PostgresErrorCodes.NumericValueOutOfRange, false)]
    [InlineData(PostgresErrorCodes.InvalidPassword, false)]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, false)]
    public void An_error_of_postgres_is_classified_by_its_code(string sqlState, bool transient) =>
        Assert.Equal(transient, StoreErrors.IsTransient(new PostgresException("m", "ERROR", "ERROR", sqlState)));

    [Theory]
    [InlineData(PostgresErrorCodes.CheckViolation, true)]
    [InlineData(PostgresErrorCodes.NumericValueOutOfRange, true)]
    [InlineData(PostgresErrorCodes.UntranslatableCharacter, true)]
    [InlineData(PostgresErrorCodes.ProgramLimitExceeded, true)]
    [InlineData(PostgresErrorCodes.RaiseException, true)]
    [InlineData(PostgresErrorCodes.UndefinedTable, false)]
    [InlineData(PostgresErrorCodes.UndefinedColumn, false)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, false)]
    [InlineData(PostgresErrorCodes.DiskFull, false)]
    [InlineData(PostgresErrorCodes.AdminShutdown, false)]
    public void Only_what_one_row_causes_refuses_it(string sqlState, bool refusal) =>
        Assert.Equal(refusal, StoreErrors.IsRefusal(new PostgresException("m", "ERROR", "ERROR", sqlState)));

    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL; SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_NOTADB.
    [Theory]
    [InlineData(5, true)]
    [InlineData(6, true)]
    [InlineData(10, true)]
    [InlineData(13, true)]
    [InlineData(1, false)]
    [InlineData(19, false)]
    [InlineData(26, false)]
    public void An_error_of_sqlite_is_classified_by_its_code(int code, bool transient) =>
        Assert.Equal(transient, StoreErrors.IsTransient(new SqliteException("m", code)));

    [Fact]
    public void A_broken_connection_and_a_time_out_are_transient_also_inside_another_error()
    {
        Assert.True(StoreErrors.IsTransient(new SocketException((int)SocketError.ConnectionReset)));
        Assert.True(StoreErrors.IsTransient(new NpgsqlException("m", new IOException("broken"))));
        Assert.True(StoreErrors.IsTransient(new NpgsqlException("m", new TimeoutException())));
        Assert.True(StoreErrors.IsTransient(new AggregateException(new IOException("broken"))));
        Assert.True(StoreErrors.IsTransient(new InvalidOperationException("m", new SqliteException("m", 5))));
    }

    [Fact]
    public void A_conflict_of_offsets_and_an_unknown_error_are_permanent()
    {
        Assert.False(StoreErrors.IsTransient(new OffsetConflictException("gpu-metrics-raw", 0, 5, 3)));
        Assert.False(StoreErrors.IsTransient(new InvalidOperationException("m")));
        Assert.False(StoreErrors.IsTransient(new InvalidOperationException("m", new PostgresException("m", "ERROR", "ERROR", "42P01"))));
    }
}
