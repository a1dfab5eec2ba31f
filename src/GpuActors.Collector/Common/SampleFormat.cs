namespace GpuActors.Collector.Common;

/// <summary>Format of the records that a collector writes. Readers accept both formats from any collector.</summary>
public enum SampleFormat
{
    /// <summary>One JSON object per record, readable by people and by any tool.</summary>
    Json,

    /// <summary>
    /// Protobuf as defined by <c>sample.proto</c>: about half the bytes of JSON, and faster to write and read. MIG instances are omitted.
    /// </summary>
    Protobuf,
}
