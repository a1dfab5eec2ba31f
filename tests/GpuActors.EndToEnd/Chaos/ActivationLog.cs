using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuActors.EndToEnd.Chaos;

/// <summary>Reads activations of GPUs from the nodes' logs. No other file depends on the format of these log lines.</summary>
internal static partial class ActivationLog
{
    /// <summary>
    /// Reads the activations of all processes of all nodes. An activation without an end lasts until the end of its process.
    /// </summary>
    public static List<Activation> Read(NodeCluster nodes)
    {
        var all = new List<Activation>();
        foreach (var node in nodes.Nodes)
        {
            foreach (var (log, endedMs) in node.Lives)
            {
                all.AddRange(Read(node.Name, log, endedMs));
            }
        }

        return all;
    }

    private static IEnumerable<Activation> Read(string node, string log, long endedMs)
    {
        var open = new Dictionary<(string What, long Epoch), long>();
        foreach (var line in File.ReadLines(log))
        {
            if (ActiveLine().Match(line) is { Success: true } started)
            {
                open[KeyOf(started)] = TimeOf(started);
            }
            else if (EndedLine().Match(line) is { Success: true } ended && open.Remove(KeyOf(ended), out var fromMs))
            {
                yield return new Activation(KeyOf(ended).What, node, KeyOf(ended).Epoch, fromMs, Math.Min(TimeOf(ended), endedMs));
            }
        }

        foreach (var ((what, epoch), fromMs) in open)
        {
            yield return new Activation(what, node, epoch, fromMs, endedMs);
        }
    }

    private static (string What, long Epoch) KeyOf(Match line) =>
        (line.Groups["what"].Value, long.Parse(line.Groups["epoch"].Value, CultureInfo.InvariantCulture));

    private static long TimeOf(Match line) =>
        DateTimeOffset.Parse(line.Groups["time"].Value, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    [GeneratedRegex(@"^(?<time>\S+Z) info +GpuActors\.Epochs[^:]*://[^:]*: (?<what>\S+) begins epoch (?<epoch>\d+) on ")]
    private static partial Regex ActiveLine();

    [GeneratedRegex(@"^(?<time>\S+Z) info +GpuActors\.Epochs[^:]*://[^:]*: (?<what>\S+) ends epoch (?<epoch>\d+) on ")]
    private static partial Regex EndedLine();
}
