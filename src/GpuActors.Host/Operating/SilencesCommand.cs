using System.CommandLine;
using System.Text.Json;
using GpuActors.Core.Silences;
using GpuActors.Host.Cli;
using Spectre.Console;

namespace GpuActors.Host.Operating;

/// <summary><c>gpuactors silences</c>: lists, adds and ends silences.</summary>
internal static class SilencesCommand
{
    public static Command Create(Terminal terminal)
    {
        var node = NodeClient.NodeOption();
        var json = CommonOptions.Json();
        json.Recursive = true;
        var command = new Command("silences", "Lists silences and maintenances; adds and ends silences") { node, json };
        command.SetAction((parse, stop) => ListAsync(terminal, parse, node, json, null, stop));
        var list = new Command("list", "Lists silences and maintenances that are in force or to come");
        list.SetAction((parse, stop) => ListAsync(terminal, parse, node, json, null, stop));
        command.Add(list);
        command.Add(Add(terminal, node, json));
        command.Add(Expire(terminal, node));
        return command;
    }

    /// <summary>Prints what a node says of a new silence.</summary>
    public static void Added(Terminal terminal, JsonElement silence, bool json)
    {
        if (json)
        {
            JsonOutput.Write(terminal, silence);
        }
        else
        {
            terminal.Line(Line(silence));
        }
    }

    /// <summary>The option <c>--force</c>.</summary>
    public static Option<bool> Force() =>
        new("--force") { Description = "Accepts one that is very long or covers a large part of the fleet" };

    private static Command Add(Terminal terminal, Option<string?> node, Option<bool> json)
    {
        var matchers = new Argument<string[]>("MATCHER")
        {
            Description = "host=n1 or host=~n[0-9]+; also rule, gpu, severity, rack and other labels; all must hold",
            Arity = ArgumentArity.OneOrMore,
        };
        var duration = DurationOption.Create("--for", "How long, such as 2h; at most 30d");
        duration.Required = true;
        var by = AuthorOptions.By();
        var comment = AuthorOptions.Comment();
        var force = Force();
        var command = new Command("add", "Pages nobody for alerts that match, for a time") { matchers, duration, by, comment, force };
        command.Validators.Add(result =>
        {
            foreach (var text in result.GetValue(matchers) ?? [])
            {
                if (SilenceMatcher.Parse(text) is null)
                {
                    result.AddError($"{text}: expected name=value or name=~expression, such as host=n1");
                }
            }
        });
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                var body = new
                {
                    matchers = parse.GetRequiredValue(matchers).Select(text => SilenceMatcher.Parse(text)!).ToList(),
                    duration = DurationText(parse.GetValue(duration)!.Value),
                    by = AuthorOptions.NameOf(parse.GetValue(by), terminal.Environment),
                    comment = parse.GetValue(comment) ?? "",
                    force = parse.GetValue(force),
                };
                Added(
                    terminal,
                    await client.SendAsync(HttpMethod.Post, "/api/silences", body, stop).ConfigureAwait(false),
                    parse.GetValue(json)
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command Expire(Terminal terminal, Option<string?> node)
    {
        var id = new Argument<string>("ID") { Description = "Id of the silence or maintenance, as the list prints it" };
        var command = new Command("expire", "Ends a silence or maintenance now") { id };
        command.SetAction(
            async (parse, stop) =>
            {
                using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
                await client
                    .SendAsync(HttpMethod.Delete, $"/api/silences/{Uri.EscapeDataString(parse.GetRequiredValue(id))}", null, stop)
                    .ConfigureAwait(false);
                terminal.Line($"[yellow]ended[/] {parse.GetRequiredValue(id).EscapeMarkup()}");
                return ExitCode.Success;
            }
        );
        return command;
    }

    /// <summary>A duration as the endpoint reads it.</summary>
    public static string DurationText(TimeSpan duration) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");

    /// <summary>Lists what is silenced, of one kind or of all.</summary>
    public static async Task<int> ListAsync(
        Terminal terminal,
        ParseResult parse,
        Option<string?> node,
        Option<bool> json,
        string? kind,
        CancellationToken stop
    )
    {
        using var client = NodeClient.Of(parse.GetValue(node), CommonOptions.Load(parse, terminal));
        var answer = await client.GetAsync("/api/silences", stop).ConfigureAwait(false);
        if (parse.GetValue(json))
        {
            JsonOutput.Write(terminal, answer);
            return ExitCode.Success;
        }

        var silences = answer
            .GetProperty("silences")
            .EnumerateArray()
            .Where(s => s.GetProperty("state").GetString() != "expired" && (kind is null || s.GetProperty("kind").GetString() == kind))
            .ToList();
        foreach (var silence in silences)
        {
            terminal.Line(Line(silence));
        }

        terminal.Line(silences.Count == 0 ? "Nothing is silenced." : $"{silences.Count} in force or to come.");
        return ExitCode.Success;
    }

    private static string Line(JsonElement silence)
    {
        var matchers = silence
            .GetProperty("matchers")
            .EnumerateArray()
            .Select(m =>
                new SilenceMatcher(
                    m.GetProperty("name").GetString()!,
                    m.GetProperty("value").GetString()!,
                    m.GetProperty("is_regex").GetBoolean()
                ).ToString()
            );
        string Text(string member) => silence.GetProperty(member).ToString().EscapeMarkup();
        return $"{Text("id")} [bold]{Text("kind")}[/] {Text("state")} {string.Join(' ', matchers).EscapeMarkup()} "
            + $"[grey]{Text("starts_at")} to {Text("ends_at")}[/] by {Text("by")} {Text("comment")}";
    }
}
