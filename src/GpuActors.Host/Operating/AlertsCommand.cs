using System.CommandLine;
using System.Text.Json;
using GpuActors.Core.Rules;
using GpuActors.Host.Cli;
using Spectre.Console;

namespace GpuActors.Host.Operating;

/// <summary><c>gpuactors alerts</c>: lists open alerts, acknowledges them.</summary>
internal static class AlertsCommand
{
    private static readonly string[] Filters = ["rule", "severity", "host", "gpu"];

    public static Command Create(Terminal terminal)
    {
        var node = NodeClient.NodeOption();
        var json = CommonOptions.Json();
        var filters = Filters
            .Select(name => new Option<string?>("--" + name)
            {
                Description = $"Only alerts of this {name}",
                HelpName = name.ToUpperInvariant(),
            })
            .ToList();
        var command = new Command("alerts", "Lists the open alerts of the fleet; acknowledges them") { node, json };
        filters.ForEach(command.Add);
        filters[Array.IndexOf(Filters, "severity")].AcceptOnlyFromAmong("info", "warning", "critical");
        filters[Array.IndexOf(Filters, "rule")].AcceptOnlyFromAmong([.. RuleCatalog.All.Select(rule => rule.Id)]);
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                var query = filters
                    .Where(f => parse.GetValue(f) is not null)
                    .Select(f => $"&{f.Name.TrimStart('-')}={Uri.EscapeDataString(parse.GetValue(f)!)}");
                var answer = await client.GetAsync("/api/alerts?state=open" + string.Concat(query), stop).ConfigureAwait(false);
                Show(terminal, answer, parse.GetValue(json));
                return ExitCode.Success;
            }
        );
        command.Add(Acknowledge(terminal, node));
        command.Add(Unacknowledge(terminal, node));
        return command;
    }

    private static Command Acknowledge(Terminal terminal, Option<string?> node)
    {
        var id = Id();
        var by = AuthorOptions.By();
        var comment = AuthorOptions.Comment();
        var command = new Command("ack", "Acknowledges an alert: it does not page again") { id, by, comment };
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                var name = AuthorOptions.NameOf(parse.GetValue(by), terminal.Environment);
                await client
                    .SendAsync(
                        HttpMethod.Post,
                        Path(parse.GetRequiredValue(id)),
                        new { by = name, comment = parse.GetValue(comment) ?? "" },
                        stop
                    )
                    .ConfigureAwait(false);
                terminal.Line($"[green]acknowledged[/] {parse.GetRequiredValue(id).EscapeMarkup()} by {name.EscapeMarkup()}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command Unacknowledge(Terminal terminal, Option<string?> node)
    {
        var id = Id();
        var command = new Command("unack", "Removes an acknowledgement") { id };
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                await client.SendAsync(HttpMethod.Delete, Path(parse.GetRequiredValue(id)), null, stop).ConfigureAwait(false);
                terminal.Line($"[yellow]no longer acknowledged[/] {parse.GetRequiredValue(id).EscapeMarkup()}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Argument<string> Id() => new("ID") { Description = "Id of the alert, as the list prints it" };

    private static string Path(string id) => $"/api/alerts/{Uri.EscapeDataString(id)}/ack";

    private static void Show(Terminal terminal, JsonElement answer, bool json)
    {
        if (json)
        {
            JsonOutput.Write(terminal, answer);
            return;
        }

        var alerts = answer.GetProperty("alerts").EnumerateArray().ToList();
        foreach (var alert in alerts)
        {
            terminal.Line(Line(alert));
        }

        terminal.Line(alerts.Count == 0 ? "No alert is open." : $"{alerts.Count} open.");
        if (Text(answer, "left_out") is { Length: > 0 } more)
        {
            terminal.Line($"[yellow]{more} more are left out: narrow it down by rule, severity, host or gpu[/]");
        }
    }

    private static string Line(JsonElement alert)
    {
        var severity = Text(alert, "severity");
        var colour = severity switch
        {
            "critical" => "red",
            "warning" => "yellow",
            _ => "blue",
        };
        var notes = string.Concat(
            Text(alert, "acknowledged_by") is { Length: > 0 } by ? $" [green]acknowledged by {by.EscapeMarkup()}[/]" : "",
            Text(alert, "silenced_by") is { Length: > 0 } silence ? $" [grey]silenced by {silence.EscapeMarkup()}[/]" : ""
        );
        var what = Text(alert, "summary") is { Length: > 0 } summary ? summary : $"{Text(alert, "host")} {Text(alert, "gpu")}";
        return $"{Text(alert, "alert_id").EscapeMarkup()} [grey]{Text(alert, "opened_at").EscapeMarkup()}[/] [{colour}]{severity, -8}[/] "
            + $"[bold]{Text(alert, "rule").EscapeMarkup()}[/] {what.EscapeMarkup()}{notes}";
    }

    private static string Text(JsonElement json, string member) => json.TryGetProperty(member, out var value) ? value.ToString() : "";
}
