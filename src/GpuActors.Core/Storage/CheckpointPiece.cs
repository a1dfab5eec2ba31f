namespace GpuActors.Core.Storage;

/// <summary>A piece of a checkpoint of about a megabyte: one row in the database.</summary>
/// <param name="Part">What it holds.</param>
/// <param name="Number">Number of the checkpoint that wrote it.</param>
/// <param name="Bytes">Entries of GPUs. The memory belongs to whoever hands the piece over, and only until the call returns.</param>
public readonly record struct CheckpointPiece(CheckpointPart Part, long Number, ReadOnlyMemory<byte> Bytes);
