namespace GpuActors.Core.Storage;

/// <summary>What a piece of a checkpoint holds.</summary>
public enum CheckpointPart
{
    /// <summary>
    /// States of GPUs without the closed minutes and hours of their windows. Each checkpoint replaces those of the one before.
    /// </summary>
    States = 0,

    /// <summary>Closed minutes that changed since the checkpoint before; kept until every GPU has saved all of its minutes again.</summary>
    Minutes = 1,

    /// <summary>Closed hours that changed since the checkpoint before; kept until every GPU has saved all of its hours again.</summary>
    Hours = 2,
}
