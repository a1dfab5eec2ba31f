namespace GpuActors.Core.Rules;

/// <summary>A rule with the record of its settings.</summary>
/// <typeparam name="TSettings">The record of its settings.</typeparam>
public sealed class Rule<TSettings> : Rule
    where TSettings : AlertRuleSettings
{
    internal Rule(string id, string title, RuleInput input, int index, TSettings defaults)
        : base(id, title, input, index) => Defaults = defaults;

    /// <inheritdoc/>
    public override TSettings Defaults { get; }
}
