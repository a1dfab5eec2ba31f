using System.Text;
using GpuActors.Core.Messaging;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Messaging;

public sealed class DeadLetterTests
{
    [Fact]
    public void A_dead_letter_has_the_original_bytes_and_their_position()
    {
        var record = DeadLetter.Create(
            "dead",
            "raw",
            new RejectedRecord(3, 42, [1], [2, 3], RejectReason.TimeInFuture, "Member 'ts' is ahead")
        );
        var headers = record.Headers!.ToDictionary(h => h.Key, h => Encoding.UTF8.GetString(h.Value));

        Assert.Equal("dead", record.Topic);
        Assert.Equal([1], record.Key);
        Assert.Equal([2, 3], record.Value);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["reason"] = "time_in_future",
                ["detail"] = "Member 'ts' is ahead",
                ["topic"] = "raw",
                ["partition"] = "3",
                ["offset"] = "42",
            },
            headers
        );
    }

    [Fact]
    public void A_value_that_is_too_long_is_truncated_and_its_length_is_kept()
    {
        var record = DeadLetter.Create("dead", "raw", new RejectedRecord(0, 0, null, new byte[5 << 20], RejectReason.ValueTooLarge, ""));
        Assert.Equal(900_000, record.Value!.Length);
        Assert.Equal("5242880", Encoding.UTF8.GetString(record.Headers!.Single(h => h.Key == DeadLetter.OriginalLengthHeader).Value));
    }

    [Fact]
    public void A_key_that_is_too_long_is_truncated_too()
    {
        var record = DeadLetter.Create("dead", "raw", new RejectedRecord(0, 0, new byte[2 << 20], [1], RejectReason.UnknownFormat, ""));
        Assert.Equal((16_384, 1), (record.Key!.Length, record.Value!.Length));
        Assert.Equal("2097152", Encoding.UTF8.GetString(record.Headers!.Single(h => h.Key == DeadLetter.OriginalKeyLengthHeader).Value));
    }

    [Fact]
    public void A_tombstone_remains_a_tombstone() =>
        Assert.Null(DeadLetter.Create("dead", "raw", new RejectedRecord(0, 0, null, null, RejectReason.EmptyValue, "")).Value);
}
