namespace GpuActors.Testing;

/// <summary>
/// Tests against real servers are skipped, with a printed reason, where there is no server; <c>GPUACTORS_REQUIRE_SERVERS=1</c> makes that a
/// failure.
/// </summary>
public static class ServerRequirement
{
    /// <summary>True when a missing server is a failure.</summary>
    public static bool IsStrict => Environment.GetEnvironmentVariable("GPUACTORS_REQUIRE_SERVERS") == "1";

    /// <summary>
    /// Goes on when <paramref name="missing"/> is null; otherwise skips the test, or fails it where servers are required.
    /// </summary>
    /// <param name="missing">Why the server is not there and how to get it, or null when it is.</param>
    public static void Require(string? missing)
    {
        if (missing is null)
        {
            return;
        }

        Assert.False(IsStrict, $"GPUACTORS_REQUIRE_SERVERS=1, but {missing}");
        Console.WriteLine($"Skipped: {missing}");
        Skip.If(true, missing);
    }
}
