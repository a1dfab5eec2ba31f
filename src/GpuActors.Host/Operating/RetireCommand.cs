using System.CommandLine;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;

namespace GpuActors.Host.Operating;

/// <summary><c>gpuactors retire</c>: takes a GPU, a host or a rack out of the fleet.</summary>
internal static class RetireCommand
{
    private const string Usage = "name what to retire: gpuactors retire gpu UUID, retire host NAME or retire rack NAME";

    public static Command Create(Terminal terminal)
    {
        var node = NodeClient.NodeOption();
        var json = CommonOptions.Json();
        var scope = new Argument<string?>("SCOPE") { Description = "gpu, host or rack", Arity = ArgumentArity.ZeroOrOne };
        scope.AcceptOnlyFromAmong("gpu", "host", "rack");
        var name = new Argument<string?>("NAME")
        {
            Description = "UUID of the GPU, name of the host, or name of the rack by the topology of the configuration",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "retire",
            "Takes a GPU, host or rack out of the fleet: its alerts resolve, its state goes, the tables keep its history"
        )
        {
            scope,
            name,
            node,
            json,
        };
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                if (parse.GetValue(name) is not { Length: > 0 } what)
                {
                    throw new ConfigurationException(Usage);
                }

                var body = new { scope = parse.GetValue(scope), name = what };
                var answer = await client.SendAsync(HttpMethod.Post, "/api/retire", body, stop).ConfigureAwait(false);
                if (parse.GetValue(json))
                {
                    JsonOutput.Write(terminal, answer);
                    return ExitCode.Success;
                }

                var count = answer.GetProperty("retired").GetInt32();
                terminal.Line($"{count} {(count == 1 ? "GPU is" : "GPUs are")} retired.");
                return ExitCode.Success;
            }
        );
        return command;
    }
}
