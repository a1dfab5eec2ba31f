namespace GpuActors.EndToEnd.Chaos;

/// <summary>How long the chaos runs are: minutes for a look, or with <c>GPUACTORS_CHAOS=full</c> as long as the figures that are told of them.</summary>
internal static class ChaosScale
{
    /// <summary>Category of the tests, to run them alone or to leave them out.</summary>
    public const string Category = "Chaos";

    public static bool IsFull => Environment.GetEnvironmentVariable("GPUACTORS_CHAOS") == "full";

    /// <summary>One of two figures.</summary>
    public static T Of<T>(T brief, T full) => IsFull ? full : brief;

    /// <summary>One of two times, in seconds.</summary>
    public static TimeSpan Seconds(int brief, int full) => TimeSpan.FromSeconds(Of(brief, full));
}
