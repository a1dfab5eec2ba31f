using Xunit;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>
/// Whether the chaos tests run (<c>GPUACTORS_CHAOS=short</c> or <c>full</c>) and for how long: about a minute each, or as long as needed
/// for the published figures.
/// </summary>
internal static class ChaosScale
{
    /// <summary>Category of the tests, for filters.</summary>
    public const string Category = "Chaos";

    private static string? Form => Environment.GetEnvironmentVariable("GPUACTORS_CHAOS");

    /// <summary>True in the full form.</summary>
    public static bool IsFull => Form == "full";

    /// <summary>Skips the test unless GPUACTORS_CHAOS is set, because each test uses the whole machine for minutes.</summary>
    public static void Require()
    {
        const string Reason = "chaos tests take a quarter of an hour: set GPUACTORS_CHAOS=short, or full for the long runs";
        if (Form is not ("short" or "full"))
        {
            Console.WriteLine($"Skipped: {Reason}");
            Skip.If(true, Reason);
        }
    }

    /// <summary>Selects one of two values by the form.</summary>
    public static T Of<T>(T brief, T full) => IsFull ? full : brief;

    /// <summary>Selects one of two times in seconds by the form.</summary>
    public static TimeSpan Seconds(int brief, int full) => TimeSpan.FromSeconds(Of(brief, full));
}
