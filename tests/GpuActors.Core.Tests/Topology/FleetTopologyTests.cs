using GpuActors.Core.Topology;

namespace GpuActors.Core.Tests.Topology;

public sealed class FleetTopologyTests
{
    private const string Pattern = "^(?<datacenter>[a-z]+)-(?<rack>r[0-9]+)-";

    [Fact]
    public void A_place_follows_from_the_host_name() =>
        Assert.Equal(new Place("ams", "", "r7", ""), new FleetTopology(new TopologySettings { HostPattern = Pattern }).Of("ams-r7-n1"));

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    public void A_host_that_nothing_names_is_nowhere(string host) =>
        Assert.Equal(Place.Unknown, new FleetTopology(new TopologySettings { HostPattern = Pattern }).Of(host));

    [Fact]
    public void What_is_said_of_a_host_wins_over_its_name_part_by_part()
    {
        var topology = new FleetTopology(
            new TopologySettings
            {
                HostPattern = Pattern,
                Hosts = new Dictionary<string, Place>
                {
                    ["ams-r7-n1"] = Place.Unknown with { Rack = "r8", PowerDomain = "feed-a" },
                    ["odd"] = Place.Unknown with { Cluster = "c" },
                },
            }
        );

        Assert.Equal(new Place("ams", "", "r8", "feed-a"), topology.Of("ams-r7-n1"));
        Assert.Equal(new Place("", "c", "", ""), topology.Of("odd"));
    }

    [Fact]
    public void A_pattern_that_could_run_for_ever_does_not() =>
        Assert.Equal(
            Place.Unknown,
            new FleetTopology(new TopologySettings { HostPattern = "^(?<rack>(a+)+)$" }).Of(new string('a', 60) + "!")
        );

    [Theory]
    [InlineData("(?<rack>", "not a supported regular expression")]
    [InlineData("(?<rack>a)(?=b)", "not a supported regular expression")]
    [InlineData("(?<rak>.)", "rak")]
    [InlineData("r[0-9]+", "none of the groups")]
    public void A_pattern_that_says_nothing_is_refused_with_its_value(string pattern, string said)
    {
        var problem = Assert.Single(new TopologySettings { HostPattern = pattern }.Validate());
        Assert.Contains(said, problem, StringComparison.Ordinal);
        Assert.Contains(pattern, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void No_pattern_and_a_good_pattern_are_valid()
    {
        Assert.Empty(new TopologySettings().Validate());
        Assert.Empty(new TopologySettings { HostPattern = Pattern }.Validate());
    }
}
