using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace GpuActors.Testing;

/// <summary>
/// A throw-away PostgreSQL of the local binaries (<c>initdb</c>, <c>pg_ctl</c>) on a free port, in a folder of its own; or databases of the
/// server that <c>GPUACTORS_TEST_POSTGRES</c> (an Npgsql connection string of a superuser) names.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Variable = "GPUACTORS_TEST_POSTGRES";

    // PostgreSQL refuses to run as root; this account comes with the distribution's package.
    private const string Account = "postgres";
    private readonly string? _folder;
    private readonly NpgsqlConnectionStringBuilder _settings;

    private PostgresServer(string? folder, NpgsqlConnectionStringBuilder settings)
    {
        _folder = folder;
        _settings = settings;
    }

    /// <summary>Why there is no PostgreSQL here, or null when there is one.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } || Binaries is not null
            ? null
            : $"there is no PostgreSQL: install it (Debian: apt install postgresql), put initdb on the PATH, or set {Variable} to "
                + "the connection string of a superuser";

    /// <summary>Npgsql connection string of the database that the server starts with.</summary>
    public string ConnectionString => _settings.ConnectionString;

    /// <summary>The same as a URI, for <c>psql</c>.</summary>
    public string Uri => UriOf(_settings.Database ?? "");

    /// <summary>The URI of another database of the server.</summary>
    public string UriOf(string database) =>
        $"postgresql://{Escaped(_settings.Username)}{(_settings.Password is { } password ? ":" + Escaped(password) : "")}"
        + $"@{_settings.Host}:{_settings.Port}/{Escaped(database)}";

    /// <summary>Starts a server and waits until it answers; skips or fails the test where there is none.</summary>
    public static Task<PostgresServer> StartAsync() => StartOnAsync("127.0.0.1", "127.0.0.1/32");

    /// <summary>
    /// The same on another address of this machine, such as one that a network namespace reaches; a server of
    /// <c>GPUACTORS_TEST_POSTGRES</c> is where it is.
    /// </summary>
    /// <param name="host">The address to listen on.</param>
    /// <param name="clients">From where clients may come, as a network (<c>10.0.0.0/24</c>).</param>
    public static async Task<PostgresServer> StartOnAsync(string host, string clients)
    {
        ServerRequirement.Require(Missing);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } existing)
        {
            var outside = new PostgresServer(null, new NpgsqlConnectionStringBuilder(existing));
            return new PostgresServer(null, new NpgsqlConnectionStringBuilder(await outside.CreateDatabaseAsync()));
        }

        var folder = Directory.CreateTempSubdirectory("gpuactors-postgres-").FullName;
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Port = FreePorts.Take(1)[0],
            Username = Account,
            Database = Account,
        };
        var server = new PostgresServer(folder, settings);
        try
        {
            if (Environment.UserName == "root")
            {
                await RunAsync("chown", Account, folder);
            }

            await ControlAsync(
                "initdb",
                "--pgdata",
                server.Data,
                "--username",
                Account,
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--no-locale",
                "--no-sync"
            );
            await File.AppendAllTextAsync(Path.Combine(server.Data, "pg_hba.conf"), $"host all all {clients} trust\n");
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates an empty database with a name of its own.</summary>
    /// <returns>Its Npgsql connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = "test_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Ends the server as a crash does: open transactions are lost.</summary>
    public Task StopAsync() => ControlAsync("pg_ctl", "stop", "--pgdata", Data, "--mode", "immediate", "--wait");

    /// <summary>Starts a stopped server on its port and data.</summary>
    public Task StartAgainAsync() =>
        ControlAsync(
            "pg_ctl",
            "start",
            "--pgdata",
            Data,
            "--wait",
            "--timeout",
            Eventually.Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--log",
            Path.Combine(Data, "server.log"),
            // fsync protects against a power cut, which a throw-away cluster does not outlive.
            "--options",
            $"-p {_settings.Port} -c listen_addresses={_settings.Host} -c unix_socket_directories='' -c fsync=off"
        );

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_folder is null)
        {
            return;
        }

        NpgsqlConnection.ClearAllPools();
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await StopAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string Data =>
        Path.Combine(_folder ?? throw new InvalidOperationException($"the server of {Variable} is not ours to start or stop"), "data");

    private static string? Binaries { get; } = Find();

    private static string Binary(string name) => Binaries is null ? name : Path.Combine(Binaries, name);

    private static string? Find()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        // Debian keeps the servers of each version out of the PATH.
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(v => int.TryParse(Path.GetFileName(v), CultureInfo.InvariantCulture, out var n) ? n : 0)
                .Select(v => Path.Combine(v, "bin"))
            : [];
        return path.Concat(debian).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    private static Task ControlAsync(string tool, params string[] arguments) =>
        Environment.UserName == "root"
            ? RunAsync("runuser", ["-u", Account, "--", Binary(tool), .. arguments])
            : RunAsync(Binary(tool), arguments);

    private static async Task RunAsync(string file, params string[] arguments)
    {
        // The server inherits its starter's pipes and would hold them open: what a tool says goes to a file instead.
        var output = Path.GetTempFileName();
        try
        {
            using var process =
                Process.Start(
                    new ProcessStartInfo(
                        "/bin/sh",
                        ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1 </dev/null", "sh", output, file, .. arguments]
                    )
                    {
                        WorkingDirectory = "/",
                    }
                ) ?? throw new InvalidOperationException($"{file} did not start");
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await File.ReadAllTextAsync(output)}"
                );
            }
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string Escaped(string? text) => System.Uri.EscapeDataString(text ?? "");
}
