namespace GpuActors.Core.Rules;

/// <summary>The rule on the number of remapped rows.</summary>
public sealed record RemappedRowsRuleSettings : AlertRuleSettings
{
    /// <summary>Rows remapped for uncorrectable errors from which the alert opens. Default 512: DCGM's limit.</summary>
    public int MaxRows { get; init; } = 512;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() => base.Validate().Concat(MaxRows > 0 ? [] : [$"max-rows = {MaxRows}: must be above 0"]);
}
