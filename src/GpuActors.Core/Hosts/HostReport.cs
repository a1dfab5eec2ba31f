using GpuActors.Core.Samples;

namespace GpuActors.Core.Hosts;

/// <summary>What a GPU tells its host once a minute of sample time.</summary>
/// <param name="Host">Host name; never empty.</param>
/// <param name="Gpu">The GPU.</param>
/// <param name="Minute">The minute that is over, since 1970.</param>
/// <param name="NvlinkBytesPerSecond">Mean rate over NVLink, both ways, in that minute; NaN when unknown.</param>
/// <param name="TensorActive">Mean tensor activity in that minute, a ratio of cycles; NaN when unknown.</param>
public sealed record HostReport(string Host, GpuId Gpu, long Minute, double NvlinkBytesPerSecond, double TensorActive)
{
    /// <summary>A report without a measurement: it only tells the host that the GPU is there.</summary>
    /// <param name="host">Host name; never empty.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="timeMs">Time of the report, Unix milliseconds.</param>
    public static HostReport Presence(string host, GpuId gpu, long timeMs) =>
        new(host, gpu, timeMs / (long)TimeSpan.MillisecondsPerMinute, double.NaN, double.NaN);
}
