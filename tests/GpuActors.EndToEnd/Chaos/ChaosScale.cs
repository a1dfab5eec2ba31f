using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// Whether the chaos tests run (<c>GPUACTORS_CHAOS=short</c> or <c>full</c>) and for how long: minutes for a look, or as long as the
/// figures that are told of them.
/// </summary>
internal static class ChaosScale
{
    /// <summary>Category of the tests, to run them alone or to leave them out.</summary>
    public const string Category = "Chaos";

    private static string? Asked => Environment.GetEnvironmentVariable("GPUACTORS_CHAOS");

    public static bool IsFull => Asked == "full";

    /// <summary>Skips the test unless somebody has asked for it: they take a machine for minutes each.</summary>
    public static void Require()
    {
        const string Reason = "chaos tests take a quarter of an hour: set GPUACTORS_CHAOS=short, or full for the long runs";
        if (Asked is not ("short" or "full"))
        {
            Console.WriteLine($"Skipped: {Reason}");
            Skip.If(true, Reason);
        }
    }

    /// <summary>One of two figures.</summary>
    public static T Of<T>(T brief, T full) => IsFull ? full : brief;

    /// <summary>One of two times, in seconds.</summary>
    public static TimeSpan Seconds(int brief, int full) => TimeSpan.FromSeconds(Of(brief, full));
}
