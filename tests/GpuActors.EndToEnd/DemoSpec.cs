using System.Text.Json;
using Xunit;

namespace GpuActors.EndToEnd;

/// <summary>The first command of the README, with a shorter duration: one process with embedded services.</summary>
public sealed class DemoSpec
{
    [Fact]
    public async Task Demo_processes_and_stores_every_sample_and_shows_an_alert_open_and_close()
    {
        await using var demo = RunningProgram.GpuActors("demo", "--duration", "25s", "--json");

        var code = await demo.Exited();

        Assert.True(code == 0, demo.Report($"ended with {code}"));
        using var summary = JsonDocument.Parse(demo.Output);
        var root = summary.RootElement;
        var collected = root.GetProperty("samples_collected").GetInt64();
        Assert.True(collected > 100, demo.Output);
        Assert.Equal(collected, root.GetProperty("samples_processed").GetInt64());
        Assert.Equal(collected, root.GetProperty("rows_written").GetInt64());
        Assert.Equal(0, root.GetProperty("rejected").GetInt64());
        Assert.Equal(10, root.GetProperty("gpus").GetInt32());
        var brake = root.GetProperty("alerts").GetProperty("power_brake");
        Assert.True(brake.GetProperty("firing").GetInt64() >= 1, demo.Output);
        Assert.True(brake.GetProperty("resolved").GetInt64() >= 1, demo.Output);
    }
}
