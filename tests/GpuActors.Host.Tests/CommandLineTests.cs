using System.Collections;
using System.Text.Json;
using GpuActors.Host.Cli;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> AllCommands => [.. Names];

    private static string[] Names { get; } =
    [.. Program.Commands(new Terminal(TextWriter.Null, TextWriter.Null, new Hashtable())).Subcommands.Select(c => c.Name)];

    [Fact]
    public async Task Help_lists_every_command()
    {
        var run = await TestRun.Of("--help");

        Assert.Equal(0, run.Code);
        Assert.All(Names, command => Assert.Contains("\n  " + command + " ", run.Out, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task Every_command_has_help_with_the_common_options(string command)
    {
        var run = await TestRun.Of(command, "--help");

        Assert.Equal(0, run.Code);
        Assert.Matches($" {command}( \\[(command|<.*>\\]?)\\])? \\[options\\]", run.Out);
        Assert.Contains("--set", run.Out, StringComparison.Ordinal);
        Assert.Contains("--config", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("fly")]
    [InlineData("doctor", "--nonsense")]
    [InlineData("doctor", "--timeout", "5")]
    [InlineData("doctor", "--set", "api.port")]
    [InlineData("doctor", "--set", "no.such.key=1")]
    [InlineData("doctor", "--config", "/no/such/file.conf")]
    public async Task What_cannot_be_used_ends_with_2_and_nothing_on_standard_output(params string[] args)
    {
        var run = await TestRun.Of(args);

        Assert.Equal(2, run.Code);
        Assert.NotEmpty(run.Error);
        Assert.Empty(run.Out);
    }

    [Theory]
    [MemberData(nameof(AllCommands))]
    public async Task No_command_starts_with_an_unknown_key(string command)
    {
        var run = await TestRun.Of(command, "--set", "kafka.bootstrap-server=x:1");

        Assert.Equal(2, run.Code);
        Assert.Contains("gpu-actors.kafka.bootstrap-servers", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kafka.bootstrap-servers=prod:9092")]
    [InlineData("storage.connection-string=Host=prod")]
    [InlineData("node.seeds=prod:4053")]
    public async Task The_demo_reaches_other_systems_only_where_that_is_said(string set)
    {
        var run = await TestRun.Of("demo", "--set", set);

        Assert.Equal(2, run.Code);
        Assert.Contains("--external", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("10.0.0.1")]
    public async Task A_node_does_not_listen_for_other_machines_unless_that_is_said(string host)
    {
        var run = await TestRun.Of("node", "--set", $"api.host={host}", "--set", "kafka.bootstrap-servers=127.0.0.1:1");

        Assert.Equal(2, run.Code);
        Assert.Contains($"gpu-actors.api.host = {host}", run.Error, StringComparison.Ordinal);
        Assert.Contains("api.insecure = true", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_listens_for_other_machines_warns_of_it()
    {
        var run = await TestRun.Of(
            ["node", "--roles", "api", "--set", "api.host=0.0.0.0", "--set", "api.insecure=true", "--set", "api.port=0"],
            new Hashtable(),
            new CancellationToken(true)
        );

        Assert.Contains("warning: api.insecure", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_checks_what_the_roles_need_and_creates_no_file()
    {
        var folder = Directory.CreateTempSubdirectory("gpuactors-doctor-");
        var file = Path.Combine(folder.FullName, "t.db");
        Task<TestRun> Doctor(string roles) =>
            TestRun.Of(
                "doctor",
                "--timeout",
                "200ms",
                "--set",
                $"node.roles={roles}",
                "--set",
                "kafka.bootstrap-servers=127.0.0.1:1",
                "--set",
                $"storage.connection-string=Data Source={file}"
            );

        var all = await Doctor("detect,store");
        var detect = await Doctor("detect");
        var api = await Doctor("api");

        Assert.Contains($"the file {file} does not exist", all.Out, StringComparison.Ordinal);
        Assert.Contains("broker", all.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("database", detect.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("broker", api.Out, StringComparison.Ordinal);
        Assert.Equal((1, 1, 0), (all.Code, detect.Code, api.Code));
        Assert.Empty(folder.GetFiles());
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Output_that_is_no_terminal_has_no_colours()
    {
        var run = await TestRun.Of("doctor", "--timeout", "200ms", "--set", "kafka.bootstrap-servers=127.0.0.1:1");

        Assert.Equal(1, run.Code);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task Json_is_one_object_and_nothing_else()
    {
        var run = await TestRun.Of("doctor", "--json", "--timeout", "200ms", "--set", "kafka.bootstrap-servers=127.0.0.1:1");

        using var report = JsonDocument.Parse(run.Out);
        Assert.False(report.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(1, run.Code);
    }
}
