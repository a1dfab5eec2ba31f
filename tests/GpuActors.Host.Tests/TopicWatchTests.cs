using GpuActors.Host.Node;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class TopicWatchTests
{
    private static readonly string[] Topics = ["raw", "alerts"];

    [Fact]
    public void Partitions_that_were_added_are_named_with_the_remedy()
    {
        var problem = TopicWatch.Problem(
            Topics,
            12,
            new Dictionary<string, int>
            {
                ["raw"] = 13,
                ["alerts"] = 12,
                ["other"] = 3,
            }
        );

        Assert.Contains("Partitions were added to raw (now 13), while kafka.topics.partitions is 12", problem, StringComparison.Ordinal);
        Assert.Contains("Stop all nodes", problem, StringComparison.Ordinal);
    }

    // Missing while the brokers elect a controller: no reason to end.
    [Fact]
    public void Topics_as_they_should_be_or_unknown_are_no_problem() =>
        Assert.Null(TopicWatch.Problem(Topics, 12, new Dictionary<string, int> { ["raw"] = 12 }));
}
