using System.Data.Common;
using GpuActors.Core.Storage;

namespace GpuActors.Storage.Tests;

/// <summary>An empty database for one test, with queries that share no code with the store.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    private readonly List<ITelemetryStore> _stores = [];

    internal abstract StorageSettings Settings { get; }

    /// <summary>SQL literal of a time in the past, in the database's format.</summary>
    internal abstract string LongAgo { get; }

    /// <summary>Opens a store on the database. It is disposed with the database.</summary>
    internal ITelemetryStore Open()
    {
        var store = TelemetryStores.Create(Settings);
        _stores.Add(store);
        return store;
    }

    internal async Task<ITelemetryStore> OpenMigrated()
    {
        var store = Open();
        await store.MigrateAsync(CancellationToken.None);
        return store;
    }

    /// <summary>Gets the first row of a query; NULL becomes null.</summary>
    internal async Task<IReadOnlyDictionary<string, object?>> Row(string sql)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync(), $"no row: {sql}");
        return Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i));
    }

    internal async Task<long> Number(string sql) =>
        Convert.ToInt64((await Row(sql)).Values.Single(), System.Globalization.CultureInfo.InvariantCulture);

    internal async Task Execute(string sql)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Makes the database refuse rows of a table whose column does not meet a condition, such as <c>&lt; 90</c>.</summary>
    internal abstract Task Refuse(string table, string column, string unless, string name);

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    protected abstract DbConnection Connect();
}
