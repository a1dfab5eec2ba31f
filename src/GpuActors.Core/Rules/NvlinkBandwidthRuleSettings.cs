namespace GpuActors.Core.Rules;

/// <summary>The rule on a GPU that moves far less data over NVLink than the other GPUs of its host while all of them compute.</summary>
public sealed record NvlinkBandwidthRuleSettings : AlertRuleSettings
{
    /// <summary>Share of the other GPUs' median below which the alert opens, 0 to 1. Default 0.5.</summary>
    public double MinShareOfPeers { get; init; } = 0.5;

    /// <summary>Tensor activity, a ratio of cycles over a minute, from which a GPU counts as computing. Default 0.1.</summary>
    public double MinTensorActive { get; init; } = 0.1;

    /// <summary>Computing GPUs, beside this one, that the comparison needs. Default 3.</summary>
    public int MinPeers { get; init; } = 3;

    /// <inheritdoc/>
    public override IEnumerable<string> Validate() =>
        base.Validate()
            .Concat(
                MinShareOfPeers is > 0 and < 1 && MinTensorActive is >= 0 and <= 1
                    ? []
                    : [$"min-share-of-peers = {MinShareOfPeers}, min-tensor-active = {MinTensorActive}: must be shares between 0 and 1"]
            )
            .Concat(MinPeers >= 2 ? [] : [$"min-peers = {MinPeers}: must be at least 2, or one slow neighbour decides"]);
}
