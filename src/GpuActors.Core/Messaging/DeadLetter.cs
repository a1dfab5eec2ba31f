using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Messaging;

/// <summary>
/// Creates the records of <c>gpu-metrics-dead-letter</c>: the original key and value, with headers that give the reason for the rejection
/// and the position of the original record.
/// </summary>
public static class DeadLetter
{
    /// <summary>Header: the reason, in <c>snake_case</c> (<see cref="RejectReason"/>).</summary>
    public const string ReasonHeader = "reason";

    /// <summary>Header: a sentence that names the faulty member, value or position.</summary>
    public const string DetailHeader = "detail";

    /// <summary>Header: topic of the original record.</summary>
    public const string TopicHeader = "topic";

    /// <summary>Header: partition of the original record, in decimal digits.</summary>
    public const string PartitionHeader = "partition";

    /// <summary>Header: offset of the original record, in decimal digits.</summary>
    public const string OffsetHeader = "offset";

    /// <summary>Header, present only if the value was truncated: its original length in bytes, in decimal digits.</summary>
    public const string OriginalLengthHeader = "original_length";

    /// <summary>Header, present only if the key was truncated: its original length in bytes, in decimal digits.</summary>
    public const string OriginalKeyLengthHeader = "original_key_length";

    /// <summary>
    /// Default maximum length of the value in bytes: with key and headers it stays below the brokers' default limit of 1 MB for a record.
    /// </summary>
    public const int MaxValueBytes = 900_000;

    // The words of a database or a decoder; longer ones repeat what the value says.
    private const int MaxDetailChars = 1_000;

    // A valid key is a GPU id of at most 128 bytes. A much longer key is an error itself, and the broker could refuse the dead letter.
    private const int MaxKeyBytes = 16 * 1024;

    private static readonly byte[][] Reasons = Array.ConvertAll(
        Enum.GetValues<RejectReason>(),
        reason => Encoding.UTF8.GetBytes(JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()))
    );

    /// <summary>Creates the dead letter of a rejected record.</summary>
    /// <param name="deadLetterTopic">Topic that the dead letter is written to.</param>
    /// <param name="sourceTopic">Topic of the original record.</param>
    /// <param name="rejected">The original record and the reason for its rejection.</param>
    /// <param name="maxValueBytes">Maximum length of the value, in bytes. A longer value is truncated so that the broker accepts it; the
    /// header <see cref="OriginalLengthHeader"/> then holds its original length. A key is never longer than the larger of this and the
    /// longest valid GPU id.</param>
    public static OutgoingRecord Create(
        string deadLetterTopic,
        string sourceTopic,
        RejectedRecord rejected,
        int maxValueBytes = MaxValueBytes
    )
    {
        ArgumentNullException.ThrowIfNull(rejected);
        var headers = new List<KeyValuePair<string, byte[]>>(7)
        {
            new(ReasonHeader, Reasons[(int)rejected.Reason]),
            new(DetailHeader, Encoding.UTF8.GetBytes(Shortened(rejected.Detail))),
            new(TopicHeader, Encoding.UTF8.GetBytes(sourceTopic)),
            new(PartitionHeader, Digits(rejected.Partition)),
            new(OffsetHeader, Digits(rejected.Offset)),
        };
        return new OutgoingRecord(
            deadLetterTopic,
            Truncate(rejected.Key, Math.Min(MaxKeyBytes, Math.Max(GpuId.MaxLength, maxValueBytes)), OriginalKeyLengthHeader, headers),
            Truncate(rejected.Value, maxValueBytes, OriginalLengthHeader, headers),
            headers
        );
    }

    private static byte[]? Truncate(byte[]? bytes, int maxLength, string header, List<KeyValuePair<string, byte[]>> headers)
    {
        if (bytes is null || bytes.Length <= maxLength)
        {
            return bytes;
        }

        headers.Add(new(header, Digits(bytes.Length)));
        return bytes[..maxLength];
    }

    private static string Shortened(string detail) => detail.Length <= MaxDetailChars ? detail : detail[..MaxDetailChars] + "…";

    private static byte[] Digits(long number) => Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
