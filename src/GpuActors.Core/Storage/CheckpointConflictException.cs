namespace GpuActors.Core.Storage;

/// <summary>A checkpoint was refused because the database has one that it does not follow.</summary>
public sealed class CheckpointConflictException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="written">What was to be written.</param>
    /// <param name="stored">What the database has.</param>
    public CheckpointConflictException(CheckpointHead written, CheckpointHead stored)
        : base(
            $"Checkpoint {written?.Number} of shard {written?.Shard} (epoch {written?.Epoch}, offset {written?.Offset}) does not "
                + $"follow the stored one, which has number {stored?.Number}, epoch {stored?.Epoch} and offset {stored?.Offset}: "
                + "another node has written it"
        ) => Stored = stored!;

    /// <summary>What the database has.</summary>
    public CheckpointHead Stored { get; }
}
