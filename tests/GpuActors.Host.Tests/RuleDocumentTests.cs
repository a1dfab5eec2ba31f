using System.Text;
using GpuActors.Core.Rules;
using GpuActors.Host.Configuration;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>
/// <c>hocon/README.md</c> is generated from the files beside it. To generate it again: <c>GPUACTORS_UPDATE_FILES=1 dotnet test
/// tests/GpuActors.Host.Tests --filter RuleDocument</c>.
/// </summary>
public sealed class RuleDocumentTests
{
    private static readonly string Folder = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../hocon"));

    // Settings of every rule, which have columns of their own.
    private static readonly string[] Common =
    [
        "enabled",
        "severity",
        "required",
        "of",
        "hold",
        "clear-delay",
        "boot-grace",
        "action",
        "runbook",
    ];

    [Fact]
    public void The_documentation_matches_the_files()
    {
        var path = Path.Combine(Folder, "README.md");
        var expected = Document();
        if (Environment.GetEnvironmentVariable("GPUACTORS_UPDATE_FILES") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == expected,
            "hocon/README.md does not match rules.conf, xid-policy.conf and gpu-models.conf: generate it again with "
                + "GPUACTORS_UPDATE_FILES=1 dotnet test tests/GpuActors.Host.Tests --filter RuleDocument"
        );
    }

    [Fact]
    public void Every_rule_has_a_section_and_every_section_has_a_rule() =>
        Assert.Equal(
            RuleCatalog.All.Select(rule => rule.Key).Append("absence").Order(StringComparer.Ordinal),
            Comments("rules.conf", depth: 2).Keys.Order(StringComparer.Ordinal)
        );

    private static string Document()
    {
        var config = new LayeredConfig(ConfigLoader.EmbeddedLayers());
        var text = new StringBuilder(
            """
            # Configuration

            [reference.conf](reference.conf) lists all settings with their defaults and units. A file passed with `--config` needs to
            contain only the settings that differ. Changes of rules, XID policy and product limits take effect while a node runs: all of
            them, or none if one is invalid, in which case the node logs the reason.

            The tables below are generated from [rules.conf](rules.conf), [xid-policy.conf](xid-policy.conf) and
            [gpu-models.conf](gpu-models.conf), and a test checks that they match.

            ## Rules

            - N of M: a rule fires if its condition held in N of the last M samples.
            - Hold: time for which the rule must fire before the alert opens.
            - Clear: time for which the condition must be over before the alert resolves.
            - Grace: time after a driver reload during which no alert opens.

            | rule | what | severity | N of M | hold | clear | grace | thresholds | action |
            |---|---|---|---|---|---|---|---|---|

            """
        );
        var comments = Comments("rules.conf", depth: 2);
        foreach (var rule in RuleCatalog.All)
        {
            string Of(string name) => config.RequiredText($"gpu-actors.rules.{rule.Key}.{name}");
            var thresholds = config.KeysUnder("gpu-actors.rules." + rule.Key).Except(Common).Select(name => $"{name} {Of(name)}");
            text.AppendLine(
                $"| `{rule.Id}` | {comments[rule.Key]} | {Of("severity")} | {Of("required")} of {Of("of")} | {Of("hold")} | "
                    + $"{Of("clear-delay")} | {Of("boot-grace")} | {string.Join(", ", thresholds)} | {Of("action")} |"
            );
        }

        text.Append(
            """

            ## XIDs

            Open: the alert stays open until a driver reload. Application: the code raises no alert of its own. Codes that are not listed
            are a warning with the action contact-support.

            | XID | what | severity | action | |
            |---|---|---|---|---|

            """
        );
        var policy = XidPolicyReader.Read(config);
        foreach (var (code, entry) in policy.Codes.OrderBy(c => c.Key))
        {
            string[] notes =
            [
                entry.Severity is not null && entry.StaysOpen ? "open" : "",
                entry.Application ? "application" : "",
                entry.Ends > 0 ? $"ends {entry.Ends}" : "",
            ];
            text.AppendLine(
                $"| {code} | {entry.Summary} | {entry.Severity?.ToString().ToLowerInvariant() ?? "none"} | {entry.Action} | "
                    + $"{string.Join(", ", notes.Where(n => n.Length > 0))} |"
            );
        }

        text.Append(
            """

            ## Products

            These limits are used only if the device does not report its own.

            | product name contains | GPU °C | slowdown °C | memory °C | slowdown margin °C | PCIe |
            |---|---|---|---|---|---|

            """
        );
        var models = GpuModelsReader.Read(config);
        foreach (var model in models.Models.OrderBy(m => m.Match, StringComparer.Ordinal).Append(models.Other))
        {
            text.AppendLine(
                $"| {(model.Match.Length == 0 ? "(all others)" : model.Match)} | {model.GpuMaxCelsius} | {model.SlowdownCelsius} "
                    + $"| {model.MemoryMaxCelsius} | {model.SlowdownMarginCelsius?.ToString() ?? "none"} | "
                    + $"{(model.PcieGeneration == 0 ? "" : $"Gen{model.PcieGeneration} x{model.PcieLanes}")} |"
            );
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    // The comment above each section that is indented by "depth" spaces, as one line.
    private static Dictionary<string, string> Comments(string file, int depth)
    {
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        var comment = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(Folder, file)))
        {
            var text = line.Trim();
            if (text.StartsWith('#'))
            {
                comment.Add(text[1..].Trim());
                continue;
            }

            if (text.EndsWith(" {", StringComparison.Ordinal) && line.Length - line.TrimStart().Length == depth)
            {
                comments[text[..^2]] = string.Join(' ', comment).Replace("|", "\\|", StringComparison.Ordinal);
            }

            comment.Clear();
        }

        return comments;
    }
}
