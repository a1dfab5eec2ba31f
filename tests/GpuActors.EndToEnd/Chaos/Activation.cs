using System.Globalization;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>A period during which an entity that must be active on one node only (a GPU, a shard) was active on a node.</summary>
/// <param name="What">Name of the entity.</param>
/// <param name="Node">The node.</param>
/// <param name="Epoch">Number of the activation, according to the node.</param>
/// <param name="FromMs">Start, in Unix milliseconds.</param>
/// <param name="UntilMs">End, in Unix milliseconds.</param>
internal sealed record Activation(string What, string Node, long Epoch, long FromMs, long UntilMs)
{
    /// <summary>Gets pairs of activations of the same entity that overlap in time.</summary>
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
