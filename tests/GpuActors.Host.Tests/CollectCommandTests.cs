using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>Options and settings of <c>gpuactors collect</c> that cannot be used.</summary>
public sealed class CollectCommandTests
{
    [Theory]
    [InlineData("--format", "xml")]
    [InlineData("--set", "collector.format=xml")]
    public async Task An_unknown_format_stops_the_start_and_says_which_there_are(params string[] args)
    {
        var run = await TestRun.Of(["collect", "--target", "http://a/metrics", .. args]);

        Assert.NotEqual(0, run.Code);
        Assert.Contains("json", run.Error, StringComparison.Ordinal);
        Assert.Contains("protobuf", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--target", "node1:9400")]
    [InlineData("--target", "http://a/metrics", "--target", "http://a/metrics")]
    [InlineData("--target", "http://a/metrics", "--set", "collector.interval=1ms")]
    public async Task Targets_that_cannot_be_scraped_stop_the_start(params string[] args)
    {
        var run = await TestRun.Of(["collect", .. args]);

        Assert.Equal(2, run.Code);
        Assert.Contains("gpu-actors.collector", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("collect")]
    [InlineData("node", "--roles", "collect,detect")]
    public async Task Without_targets_there_is_nothing_to_collect(params string[] command)
    {
        var run = await TestRun.Of(command);

        Assert.Equal(2, run.Code);
        Assert.Contains("gpu-actors.collector.targets is empty", run.Error, StringComparison.Ordinal);
        Assert.Contains("--target", run.Error, StringComparison.Ordinal);
    }
}
