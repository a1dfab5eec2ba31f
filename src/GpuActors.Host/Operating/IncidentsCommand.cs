using System.CommandLine;
using System.Text.Json;
using GpuActors.Host.Cli;
using Spectre.Console;

namespace GpuActors.Host.Operating;

/// <summary><c>gpuactors incidents</c>: lists the fleet's incidents.</summary>
internal static class IncidentsCommand
{
    public static Command Create(Terminal terminal)
    {
        var node = NodeClient.NodeOption();
        var all = new Option<bool>("--all") { Description = "Includes resolved incidents" };
        var json = CommonOptions.Json();
        var command = new Command("incidents", "Lists the fleet's incidents: alerts of one host, rack or power domain with one cause")
        {
            node,
            all,
            json,
        };
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                var answer = await client
                    .GetAsync($"/api/incidents?state={(parse.GetValue(all) ? "all" : "open")}", stop)
                    .ConfigureAwait(false);
                if (parse.GetValue(json))
                {
                    JsonOutput.Write(terminal, answer);
                    return ExitCode.Success;
                }

                var incidents = answer.GetProperty("incidents").EnumerateArray().ToList();
                foreach (var incident in incidents)
                {
                    terminal.Line(Line(incident));
                }

                terminal.Line(incidents.Count == 0 ? "No incidents." : $"{incidents.Count} listed.");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static string Line(JsonElement incident)
    {
        string Text(string member) => incident.GetProperty(member).ToString().EscapeMarkup();
        var colour = Text("state") == "firing" ? "red" : "green";
        return $"{Text("incident_id")} [grey]{Text("opened_at")}[/] [{colour}]{Text("state"), -8}[/] {Text("severity"), -8} "
            + $"{Text("summary")}";
    }
}
