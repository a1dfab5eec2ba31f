using GpuActors.Core.Alerts;

namespace GpuActors.Core.Rules;

/// <summary>
/// One rule: its name and what it is evaluated on. The rules are the fields of <see cref="RuleCatalog"/>; the settings in force of each one
/// are in <see cref="RuleSettings"/>.
/// </summary>
public abstract class Rule
{
    private protected Rule(string id, string title, RuleInput input, int index)
    {
        Id = id;
        Title = title;
        Input = input;
        Index = index;
        Key = id.Replace('_', '-');
    }

    /// <summary>Name of the rule in alerts, snapshots and messages (<c>power_brake</c>).</summary>
    public string Id { get; }

    /// <summary>What has happened when the rule's alert opens, in a few words.</summary>
    public string Title { get; }

    /// <summary>What the rule's condition is evaluated on.</summary>
    public RuleInput Input { get; }

    /// <summary>
    /// Position of the rule in arrays with one element per rule, from 0. It is local to a process: it is never saved or sent, and the order
    /// of the rules has no meaning.
    /// </summary>
    public int Index { get; }

    /// <summary>Name of the rule's section under <c>gpu-actors.rules</c> (<c>power-brake</c>).</summary>
    public string Key { get; }

    /// <summary>
    /// Label that tells several alerts of this rule on one GPU apart; null for a rule that has one alert per GPU at a time.
    /// </summary>
    public string? DiscriminatorLabel =>
        Input switch
        {
            RuleInput.ErrorCodes => AlertLabelNames.Xid,
            RuleInput.Alerts => AlertLabelNames.FlappingRule,
            _ => null,
        };

    /// <summary>
    /// True when the condition is reported to the GPU from outside. A replay of the GPU's samples does not evaluate it again, so its alerts
    /// are recovered from the alert topic.
    /// </summary>
    public bool IsReportedFromOutside => Input is RuleInput.Absence or RuleInput.Neighbours or RuleInput.Predictions;

    /// <summary>The settings of a rule that no file changes; they equal <c>hocon/rules.conf</c>.</summary>
    public abstract AlertRuleSettings Defaults { get; }

    /// <summary>The record that holds the rule's settings.</summary>
    public Type SettingsType => Defaults.GetType();

    /// <inheritdoc/>
    public override string ToString() => Id;
}
