using GpuActors.Testing;

namespace GpuActors.Storage.Tests;

/// <summary>One PostgreSQL for all tests of a class, which run one after the other; it starts with the first that needs it.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>The server; skips the test where there is none.</summary>
    public async Task<PostgresServer> Server() => _server ??= await PostgresServer.StartAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
