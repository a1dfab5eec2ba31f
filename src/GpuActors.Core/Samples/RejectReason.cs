namespace GpuActors.Core.Samples;

/// <summary>
/// Why a record is not a sample. The names, in <c>snake_case</c>, are the values of the <c>reason</c> header of a dead letter.
/// </summary>
public enum RejectReason : byte
{
    /// <summary>It is a sample.</summary>
    None,

    /// <summary>The record has no value (a tombstone) or an empty one.</summary>
    EmptyValue,

    /// <summary>The value is larger than the configured limit.</summary>
    ValueTooLarge,

    /// <summary>The value is not well-formed JSON, or ends too early.</summary>
    MalformedJson,

    /// <summary>The value is not well-formed Protobuf, or ends too early.</summary>
    MalformedProtobuf,

    /// <summary>The value is in no format that is known.</summary>
    UnknownFormat,

    /// <summary>The version of the contract is not one that this build knows.</summary>
    UnknownVersion,

    /// <summary>A member has the wrong JSON type.</summary>
    WrongType,

    /// <summary>The GPU id is missing.</summary>
    MissingGpu,

    /// <summary>The GPU id is over 128 bytes or holds control characters.</summary>
    InvalidGpu,

    /// <summary>The time of the sample is missing.</summary>
    MissingTime,

    /// <summary>The time of the sample is not RFC 3339 UTC.</summary>
    InvalidTime,

    /// <summary>The time of the sample is further ahead of the broker's than allowed.</summary>
    TimeInFuture,

    /// <summary>The time of the sample is further behind the broker's than allowed.</summary>
    TimeTooOld,

    /// <summary>There is no usable metric in it.</summary>
    NoMetrics,
}
