using System.Runtime.CompilerServices;

namespace GpuActors.Core.Rules;

/// <summary>
/// The settings of all rules: a table with a settings record per rule, and what several rules share. Each value is a key of
/// <c>hocon/rules.conf</c> under <c>gpu-actors.rules</c>: <c>ClearDelay</c> of <see cref="RuleCatalog.HwThermal"/> is
/// <c>gpu-actors.rules.hw-thermal.clear-delay</c>. The XID policy and the product limits have tables of their own. Immutable.
/// </summary>
public sealed class RuleSettings
{
    private readonly AlertRuleSettings[] _byRule; // By Rule.Index; the element for a Rule<T> is a T.

    /// <summary>The defaults of all rules.</summary>
    public RuleSettings() => _byRule = [.. RuleCatalog.All.Select(rule => rule.Defaults)];

    private RuleSettings(RuleSettings other, AlertRuleSettings[] byRule)
    {
        _byRule = byRule;
        Absence = other.Absence;
        XidPolicy = other.XidPolicy;
        Models = other.Models;
    }

    /// <summary>When a GPU counts as absent.</summary>
    public AbsenceSettings Absence { get; init; } = new();

    /// <summary>The meaning of each XID (<c>xid-policy.conf</c>).</summary>
    public XidPolicy XidPolicy { get; init; } = XidPolicy.Default;

    /// <summary>Limits by product (<c>gpu-models.conf</c>).</summary>
    public GpuModelPolicy Models { get; init; } = GpuModelPolicy.Default;

    /// <summary>The settings of a rule.</summary>
    public AlertRuleSettings Of(Rule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return _byRule[rule.Index];
    }

    /// <summary>The settings of a rule, in the record of that rule.</summary>
    public TSettings Of<TSettings>(Rule<TSettings> rule)
        where TSettings : AlertRuleSettings
    {
        ArgumentNullException.ThrowIfNull(rule);
        // The constructors and With keep the element's type, so that the cast, which runs for each rule and sample, needs no check.
        return Unsafe.As<TSettings>(_byRule[rule.Index]);
    }

    /// <summary>These settings with others for one rule.</summary>
    /// <exception cref="ArgumentException">The record is not the one that holds this rule's settings.</exception>
    public RuleSettings With(Rule rule, AlertRuleSettings settings)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.GetType() != rule.SettingsType)
        {
            throw new ArgumentException(
                $"Settings of the rule {rule.Id} can't be of the type {settings.GetType().Name}: pass {rule.SettingsType.Name}",
                nameof(settings)
            );
        }

        AlertRuleSettings[] byRule = [.. _byRule];
        byRule[rule.Index] = settings;
        return new RuleSettings(this, byRule);
    }

    /// <summary>These settings with others for one rule.</summary>
    public RuleSettings With<TSettings>(Rule<TSettings> rule, TSettings settings)
        where TSettings : AlertRuleSettings => With((Rule)rule, settings);

    /// <summary>Checks the ranges.</summary>
    /// <returns>What is wrong, each with key, value and remedy; empty when all is well.</returns>
    public IEnumerable<string> Validate() =>
        Absence
            .Validate()
            .Select(problem => "absence." + problem)
            .Concat(RuleCatalog.All.SelectMany(rule => Of(rule).Validate().Select(problem => $"{rule.Key}.{problem}")));
}
