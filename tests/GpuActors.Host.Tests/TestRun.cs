using System.Collections;
using GpuActors.Host.Cli;

namespace GpuActors.Host.Tests;

/// <summary>One run of the command line in this process: exit code and both outputs.</summary>
internal sealed record TestRun(int Code, string Out, string Error)
{
    public static Task<TestRun> Of(params string[] args) => Of(args, new Hashtable());

    public static async Task<TestRun> Of(string[] args, IDictionary environment, CancellationToken stop = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, environment);
        var code = await CommandLine.RunAsync(Program.Commands(terminal), args, terminal, stop);
        return new TestRun(code, output.ToString(), error.ToString());
    }
}
