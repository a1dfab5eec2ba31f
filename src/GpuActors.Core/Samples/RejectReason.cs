namespace GpuActors.Core.Samples;

/// <summary>
/// Why a record was rejected. The names, in <c>snake_case</c>, are the values of the <c>reason</c> header of a dead letter.
/// </summary>
public enum RejectReason : byte
{
    /// <summary>The record is valid.</summary>
    None,

    /// <summary>The record has no value (a tombstone) or an empty one.</summary>
    EmptyValue,

    /// <summary>The value is larger than the configured limit.</summary>
    ValueTooLarge,

    /// <summary>The value is not well-formed JSON, or ends too early.</summary>
    MalformedJson,

    /// <summary>The value is not well-formed Protobuf, or ends too early.</summary>
    MalformedProtobuf,

    /// <summary>The format of the value is unknown.</summary>
    UnknownFormat,

    /// <summary>The record's version of the contract is not supported.</summary>
    UnknownVersion,

    /// <summary>A member has the wrong JSON type.</summary>
    WrongType,

    /// <summary>The GPU id is missing.</summary>
    MissingGpu,

    /// <summary>The GPU id is longer than 128 bytes or has a character that is not printable ASCII, or a space.</summary>
    InvalidGpu,

    /// <summary>The time of the sample is missing.</summary>
    MissingTime,

    /// <summary>The time of the sample is not an RFC 3339 time in UTC.</summary>
    InvalidTime,

    /// <summary>The time of the sample is ahead of the broker's clock by more than <c>validation.max-ahead</c>.</summary>
    TimeInFuture,

    /// <summary>The time of the sample is behind the broker's clock by more than <c>validation.max-age</c>.</summary>
    TimeTooOld,

    /// <summary>The sample has no plausible value of any metric.</summary>
    NoMetrics,

    /// <summary>
    /// The record is valid, but the database refuses its row: a constraint, or a value that a column cannot hold. The detail has the words
    /// of the database.
    /// </summary>
    RefusedByDatabase,
}
