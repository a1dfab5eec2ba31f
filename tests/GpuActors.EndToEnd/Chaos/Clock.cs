namespace GpuActors.EndToEnd.Chaos;

/// <summary>The machine's clock, which test, nodes and brokers share.</summary>
internal static class Clock
{
    public static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
