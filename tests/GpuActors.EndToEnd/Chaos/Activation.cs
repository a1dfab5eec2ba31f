using System.Globalization;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A span during which something that may be in one place only (a GPU, a shard) was active on one node.</summary>
/// <param name="What">Its name.</param>
/// <param name="Node">The node.</param>
/// <param name="Epoch">Which activation of it, as the node says.</param>
/// <param name="FromMs">Since when, Unix milliseconds.</param>
/// <param name="UntilMs">Until when.</param>
internal sealed record Activation(string What, string Node, long Epoch, long FromMs, long UntilMs)
{
    /// <summary>Pairs that were active at one time in two places.</summary>
    public static List<(Activation First, Activation Second)> Overlaps(IEnumerable<Activation> all)
    {
        var overlaps = new List<(Activation, Activation)>();
        foreach (var spans in all.GroupBy(a => a.What))
        {
            Activation? longest = null;
            foreach (var span in spans.OrderBy(s => s.FromMs))
            {
                if (longest is not null && span.FromMs < longest.UntilMs)
                {
                    overlaps.Add((longest, span));
                }

                longest = longest is null || span.UntilMs > longest.UntilMs ? span : longest;
            }
        }

        return overlaps;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{What} on {Node} (epoch {Epoch}, {Time(FromMs)} to {Time(UntilMs)})");

    private static string Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
