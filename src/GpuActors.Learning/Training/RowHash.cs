namespace GpuActors.Learning.Training;

/// <summary>
/// A number for a GPU and a time by which rows are sampled and GPUs divided into folds. It has no seed, which would make samples differ
/// between runs that are to be compared.
/// </summary>
public static class RowHash
{
    /// <summary>Gets the number.</summary>
    /// <param name="gpu">Number of the GPU.</param>
    /// <param name="time">The time, 0 or more; 0 where all rows of a GPU are to have the same number.</param>
    public static uint Of(int gpu, long time)
    {
        var x = ((ulong)(uint)gpu * 0x9E3779B97F4A7C15UL) ^ ((ulong)time * 0xD1B54A32D192ED03UL);
        x ^= x >> 32;
        x *= 0xD6E8FEB86659FD93UL;
        return (uint)(x >> 32);
    }
}
