using System.Diagnostics;

namespace GpuActors.EndToEnd;

/// <summary>Asks another process's state again and again until it is as wanted: the one place where a test polls.</summary>
internal static class Eventually
{
    public static async Task<T> Get<T>(Func<Task<T>> ask, Func<T, bool> wanted, TimeSpan limit, Func<T, string> otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (wanted(answer))
            {
                return answer;
            }

            if (clock.Elapsed > limit)
            {
                throw new TimeoutException($"{otherwise(answer)} (waited {limit})");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }
}
