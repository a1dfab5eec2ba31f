namespace GpuActors.Core.Storage;

/// <summary>The result of a schema migration.</summary>
/// <param name="Applied">Names of the migrations that this call applied, in order.</param>
/// <param name="SchemaVersion">Number of the newest migration in the database.</param>
/// <param name="Notes">Messages for the operator, for example that TimescaleDB is not available.</param>
public sealed record MigrationResult(IReadOnlyList<string> Applied, int SchemaVersion, IReadOnlyList<string> Notes);
