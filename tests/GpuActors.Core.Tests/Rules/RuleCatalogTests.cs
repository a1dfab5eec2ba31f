using GpuActors.Core.Rules;

namespace GpuActors.Core.Tests.Rules;

/// <summary>The table of rules and the typed table of their settings.</summary>
public sealed class RuleCatalogTests
{
    public static TheoryData<string> Ids => [.. RuleCatalog.All.Select(rule => rule.Id)];

    [Fact]
    public void The_position_of_a_rule_is_its_index() =>
        Assert.Equal(Enumerable.Range(0, RuleCatalog.Count), RuleCatalog.All.Select(rule => rule.Index));

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_is_found_by_its_id_and_its_defaults_are_valid(string id)
    {
        var rule = RuleCatalog.Find(id)!;

        Assert.Equal((id, "#" + rule.Key), (rule.Id, rule.Defaults.Runbook));
        Assert.Matches("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", id);
        Assert.NotEmpty(rule.Title);
        Assert.Empty(rule.Defaults.Validate());
        Assert.Same(rule.Defaults, new RuleSettings().Of(rule));
    }

    [Fact]
    public void An_id_of_another_build_has_no_rule() => Assert.Null(RuleCatalog.Find("no_such_rule"));

    [Fact]
    public void Categories_follow_from_the_input_of_a_rule()
    {
        Assert.Equal(["gpu_absent", "gpu_lost", "host_absent"], RuleCatalog.Absence.Select(rule => rule.Id).Order());
        Assert.Equal(
            ["gpu_absent", "gpu_lost", "host_absent", "nvlink_bandwidth", "predicted_failure"],
            RuleCatalog.All.Where(rule => rule.IsReportedFromOutside).Select(rule => rule.Id).Order()
        );
        Assert.Equal(
            ["sxid", "xid", "xid_application", "xid_repeated"],
            RuleCatalog.All.Where(rule => rule.DiscriminatorLabel == "xid").Select(rule => rule.Id).Order()
        );
    }

    [Fact]
    public void Settings_of_one_rule_are_replaced_in_a_copy()
    {
        var defaults = new RuleSettings { Absence = new() { Intervals = 7 } };
        var changed = defaults.With(RuleCatalog.EccSbeRate, new() { MaxPerHour = 5 });

        Assert.Equal((5, 7), (changed.Of(RuleCatalog.EccSbeRate).MaxPerHour, changed.Absence.Intervals));
        Assert.Equal(100, defaults.Of(RuleCatalog.EccSbeRate).MaxPerHour);
        Assert.Same(defaults.Of(RuleCatalog.EccDbe), changed.Of(RuleCatalog.EccDbe));
    }

    // The look-up of settings relies on it: it does not check the type of what it returns.
    [Fact]
    public void Settings_of_another_rule_are_refused() =>
        Assert.Contains(
            "pass EccSbeRuleSettings",
            Assert.Throws<ArgumentException>(() => new RuleSettings().With((Rule)RuleCatalog.EccSbeRate, new AlertRuleSettings())).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_problem_names_the_key_of_the_rule() =>
        Assert.StartsWith(
            "ecc-sbe-rate.max-per-hour = -1: ",
            Assert.Single(new RuleSettings().With(RuleCatalog.EccSbeRate, new() { MaxPerHour = -1 }).Validate()),
            StringComparison.Ordinal
        );
}
