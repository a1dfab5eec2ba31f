using GpuActors.Host.Node;
using GpuActors.Host.NodeRoles;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>Nodes of two clusters on one set of topics are told apart from nodes that come, go and die.</summary>
public sealed class ForeignMembersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly HashSet<string> Cluster = ["self", "friend"];
    private static readonly HashSet<string> Larger = [.. Cluster, "joins"];
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly ForeignMembers _members;

    public ForeignMembersTests() => _members = new ForeignMembers(Patience, _time);

    [Fact]
    public void Who_was_there_first_and_stays_is_elder_and_who_comes_later_younger()
    {
        _members.Observe(["friend", "elder"], Cluster);
        _members.Observe(["self", "friend", "elder", "younger"], Cluster);
        Assert.Empty(_members.Elder.Concat(_members.Younger));

        _time.Advance(Patience);
        _members.Observe(["self", "friend", "elder", "younger"], Cluster);

        Assert.Equal("elder", Assert.Single(_members.Elder));
        Assert.Equal("younger", Assert.Single(_members.Younger));
    }

    [Fact]
    public void A_member_that_the_group_forgets_or_the_cluster_takes_in_is_no_stranger()
    {
        _members.Observe(["died", "joins"], Cluster);
        _time.Advance(Patience / 2);
        _members.Observe(["self", "joins"], Larger);
        _members.Observe(["self", "joins", "died"], Larger);
        _time.Advance(Patience / 2);
        _members.Observe(["self", "joins", "died"], Larger);

        Assert.Empty(_members.Elder.Concat(_members.Younger));
    }

    [Fact]
    public void A_takeover_is_normal_and_many_are_not_and_the_older_node_endures_more()
    {
        var young = new FencingCount(_time);
        Assert.False(young.Add());
        _time.Advance(FencingCount.Window + TimeSpan.FromSeconds(1));
        var old = young;
        young = new FencingCount(_time);
        for (var i = 1; i < FencingCount.Young; i++)
        {
            Assert.False(young.Add());
            Assert.False(old.Add());
        }

        Assert.False(old.Add());
        Assert.True(young.Add());
    }
}
