namespace GpuActors.Host.Node;

/// <summary>
/// Members of this node's consumer groups that are in no cluster with it: nodes that were started without seeds, or with other ones. Each
/// cluster would have half of the partitions, and would know nothing of the other's GPUs, hosts and silences.
/// </summary>
/// <param name="patience">How long a member must have been seen: longer than a group keeps one that has died.</param>
/// <param name="time">The clock.</param>
internal sealed class ForeignMembers(TimeSpan patience, TimeProvider time)
{
    private readonly Dictionary<string, (long Since, bool WasThereFirst)> _seen = new(StringComparer.Ordinal);
    private bool _started;

    /// <summary>Takes in who is in the groups now.</summary>
    /// <param name="members">Members of the groups by their names; the first call is made before this node joins them.</param>
    /// <param name="cluster">Names of the members of this node's cluster.</param>
    public void Observe(IEnumerable<string> members, IReadOnlySet<string> cluster)
    {
        var foreign = members.Where(member => !cluster.Contains(member)).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _seen.Keys.Where(member => !foreign.Contains(member)).ToList())
        {
            _seen.Remove(gone);
        }

        foreach (var member in foreign)
        {
            _seen.TryAdd(member, (time.GetTimestamp(), !_started));
        }

        _started = true;
    }

    /// <summary>Those that stay, and were there before this node: it is the one that must go.</summary>
    public IReadOnlyList<string> Elder => Staying(wasThereFirst: true);

    /// <summary>Those that stay, and came after this node: they should have gone.</summary>
    public IReadOnlyList<string> Younger => Staying(wasThereFirst: false);

    private IReadOnlyList<string> Staying(bool wasThereFirst) =>
        [
            .. _seen
                .Where(member => member.Value.WasThereFirst == wasThereFirst && time.GetElapsedTime(member.Value.Since) >= patience)
                .Select(member => member.Key)
                .Order(StringComparer.Ordinal),
        ];
}
