namespace GpuActors.Core.Storage;

/// <summary>What a migration did.</summary>
/// <param name="Applied">Names of the migrations that were applied now, in order.</param>
/// <param name="SchemaVersion">Number of the newest migration in the database.</param>
/// <param name="Notes">What an operator should know (TimescaleDB not available, say).</param>
public sealed record MigrationResult(IReadOnlyList<string> Applied, int SchemaVersion, IReadOnlyList<string> Notes);
