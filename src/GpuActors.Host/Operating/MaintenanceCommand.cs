using System.CommandLine;
using GpuActors.Host.Cli;

namespace GpuActors.Host.Operating;

/// <summary><c>gpuactors maintenance</c>: announces work on hosts or racks, so that it pages nobody.</summary>
internal static class MaintenanceCommand
{
    private static readonly string[] Places = ["host", "gpu", "rack", "power-domain", "cluster", "datacenter"];

    public static Command Create(Terminal terminal)
    {
        var node = NodeClient.NodeOption();
        var json = CommonOptions.Json();
        json.Recursive = true;
        var command = new Command("maintenance", "Lists maintenances; announces work on a host or rack, whose alerts page nobody meanwhile")
        {
            node,
            json,
        };
        command.SetAction((parse, stop) => SilencesCommand.ListAsync(terminal, parse, node, json, "maintenance", stop));
        command.Add(Start(terminal, node, json));
        return command;
    }

    private static Command Start(Terminal terminal, Option<string?> node, Option<bool> json)
    {
        var places = Places
            .Select(name => new Option<string?>("--" + name) { Description = $"The {name.Replace('-', ' ')}", HelpName = "NAME" })
            .ToList();
        var duration = DurationOption.Create("--for", "How long, such as 2h; at most 365d");
        duration.Required = true;
        var by = AuthorOptions.By();
        var comment = AuthorOptions.Comment();
        var force = SilencesCommand.Force();
        var command = new Command("start", "Begins a maintenance; gpuactors silences lists it, and silences expire ends it early")
        {
            duration,
            by,
            comment,
            force,
        };
        places.ForEach(command.Add);
        command.Validators.Add(result =>
        {
            if (places.TrueForAll(place => result.GetValue(place) is null))
            {
                result.AddError($"name a place: any of --{string.Join(", --", Places)}");
            }
        });
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                var body = places
                    .Where(place => parse.GetValue(place) is not null)
                    .ToDictionary(
                        place => place.Name.TrimStart('-').Replace('-', '_'),
                        object (place) => parse.GetValue(place)!,
                        StringComparer.Ordinal
                    );
                body["duration"] = SilencesCommand.DurationText(parse.GetValue(duration)!.Value);
                body["by"] = AuthorOptions.NameOf(parse.GetValue(by), terminal.Environment);
                body["comment"] = parse.GetValue(comment) ?? "";
                body["force"] = parse.GetValue(force);
                SilencesCommand.Added(
                    terminal,
                    await client.SendAsync(HttpMethod.Post, "/api/maintenance", body, stop).ConfigureAwait(false),
                    parse.GetValue(json)
                );
                return ExitCode.Success;
            }
        );
        return command;
    }
}
