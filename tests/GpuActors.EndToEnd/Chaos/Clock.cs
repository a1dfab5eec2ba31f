namespace GpuActors.EndToEnd.Chaos;

/// <summary>The clock of the machine, which the test, the nodes and the brokers share.</summary>
internal static class Clock
{
    public static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
