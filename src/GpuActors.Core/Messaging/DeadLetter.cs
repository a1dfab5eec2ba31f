using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Messaging;

/// <summary>
/// The record of <c>gpu-metrics-dead-letter</c>: the original key and value, and in the headers why it is there and where it was.
/// </summary>
public static class DeadLetter
{
    /// <summary>Header: the reason, in <c>snake_case</c> (<see cref="RejectReason"/>).</summary>
    public const string ReasonHeader = "reason";

    /// <summary>Header: the member, value or position at fault, in words.</summary>
    public const string DetailHeader = "detail";

    /// <summary>Header: topic of the original record.</summary>
    public const string TopicHeader = "topic";

    /// <summary>Header: its partition, in decimal digits.</summary>
    public const string PartitionHeader = "partition";

    /// <summary>Header: its offset, in decimal digits.</summary>
    public const string OffsetHeader = "offset";

    /// <summary>Header, only on a value that was cut: its original length in bytes, in decimal digits.</summary>
    public const string OriginalLengthHeader = "original_length";

    /// <summary>Header, only with a key that was cut: its original length in bytes, in decimal digits.</summary>
    public const string OriginalKeyLengthHeader = "original_key_length";

    // A key is a GPU id of at most 128 bytes; a much longer one is part of what is wrong, and a broker would refuse it again.
    private const int MaxKeyBytes = 16 * 1024;

    private static readonly byte[][] Reasons = Array.ConvertAll(
        Enum.GetValues<RejectReason>(),
        reason => Encoding.UTF8.GetBytes(JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()))
    );

    /// <summary>Makes the record.</summary>
    /// <param name="deadLetterTopic">Topic it goes to.</param>
    /// <param name="sourceTopic">Topic that the original came from.</param>
    /// <param name="rejected">The original and what is wrong with it.</param>
    /// <param name="maxValueBytes">A longer value is cut to this length, so that the broker takes it, and its length kept in a header.
    /// Default 900,000: under the brokers' usual 1 MB with key and headers.</param>
    public static OutgoingRecord Create(string deadLetterTopic, string sourceTopic, RejectedRecord rejected, int maxValueBytes = 900_000)
    {
        ArgumentNullException.ThrowIfNull(rejected);
        var headers = new List<KeyValuePair<string, byte[]>>(7)
        {
            new(ReasonHeader, Reasons[(int)rejected.Reason]),
            new(DetailHeader, Encoding.UTF8.GetBytes(rejected.Detail)),
            new(TopicHeader, Encoding.UTF8.GetBytes(sourceTopic)),
            new(PartitionHeader, Digits(rejected.Partition)),
            new(OffsetHeader, Digits(rejected.Offset)),
        };
        return new OutgoingRecord(
            deadLetterTopic,
            Cut(rejected.Key, MaxKeyBytes, OriginalKeyLengthHeader, headers),
            Cut(rejected.Value, maxValueBytes, OriginalLengthHeader, headers),
            headers
        );
    }

    private static byte[]? Cut(byte[]? bytes, int maxLength, string header, List<KeyValuePair<string, byte[]>> headers)
    {
        if (bytes is null || bytes.Length <= maxLength)
        {
            return bytes;
        }

        headers.Add(new(header, Digits(bytes.Length)));
        return bytes[..maxLength];
    }

    private static byte[] Digits(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
