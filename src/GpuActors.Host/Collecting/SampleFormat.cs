namespace GpuActors.Host.Collecting;

/// <summary>How a collector writes samples. Readers take either, from any collector.</summary>
internal enum SampleFormat
{
    /// <summary>One JSON object: to be read by people and by any tool.</summary>
    Json,

    /// <summary>
    /// Protobuf, as <c>sample.proto</c> describes it: about half the bytes, and less work for both sides. It has no MIG instances.
    /// </summary>
    Protobuf,
}
