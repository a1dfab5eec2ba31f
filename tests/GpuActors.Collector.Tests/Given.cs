namespace GpuActors.Collector.Tests;

/// <summary>Constants shared by the tests.</summary>
internal static class Given
{
    /// <summary>2026-11-23T12:00:00Z.</summary>
    public const long NoonMs = 1_795_435_200_000;
}
