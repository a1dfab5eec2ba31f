using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;

namespace GpuActors.Core.Tests.Alerts;

public sealed class AlertLabelsTests
{
    [Fact]
    public void Labels_follow_from_the_sample_the_place_and_the_rule()
    {
        var info = Given.Info with { Workload = new Workload("ml", "train-0", "main") };

        var labels = AlertLabels.Of(info).At(new Place("ams", "c1", "r7", "feed-a")).With(AlertLabelNames.Xid, "79");

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["cluster"] = "c1",
                ["container"] = "main",
                ["datacenter"] = "ams",
                ["driver"] = "550.127.08",
                ["gpu_index"] = "3",
                ["host"] = "node-0017",
                ["model"] = "NVIDIA H100 80GB HBM3",
                ["namespace"] = "ml",
                ["pci"] = "00000000:5d:00.0",
                ["pod"] = "train-0",
                ["power_domain"] = "feed-a",
                ["rack"] = "r7",
                ["xid"] = "79",
            }.ToList(),
            labels.All
        );
    }

    [Fact]
    public void What_is_not_known_is_no_label()
    {
        Assert.Empty(AlertLabels.Of(GpuInfo.Unknown).At(Place.Unknown).With(AlertLabelNames.Xid, "").All);
        Assert.Equal("", AlertLabels.None.Host);
        Assert.Equal("", AlertLabels.None["nothing"]);
    }

    [Fact]
    public void A_label_that_the_alert_has_wins_over_the_place() =>
        Assert.Equal(
            "own",
            AlertLabels.None.With(AlertLabelNames.Rack, "own").At(Place.Unknown with { Rack = "r7" })[AlertLabelNames.Rack]
        );

    [Fact]
    public void Labels_are_compared_by_value_in_any_order_of_making()
    {
        var one = AlertLabels.None.With("a", "1").With("b", "2");
        var other = AlertLabels.From([new("b", "2"), new("a", "1"), new("c", "")]);

        Assert.True(one.Equals(other));
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.False(one.Equals(other.With("c", "3")));
    }
}
