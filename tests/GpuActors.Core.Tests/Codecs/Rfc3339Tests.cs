using System.Text;
using FsCheck.Xunit;
using GpuActors.Core.Codecs;

namespace GpuActors.Core.Tests.Codecs;

public sealed class Rfc3339Tests
{
    private static readonly long Span = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() - DateTimeOffset.MinValue.ToUnixTimeMilliseconds();

    [Property(MaxTest = 2000)]
    public void Written_times_are_parsed_here_and_by_the_framework(ulong seed)
    {
        var ms = DateTimeOffset.MinValue.ToUnixTimeMilliseconds() + (long)(seed % (ulong)Span);
        var text = Rfc3339.Format(ms);
        Assert.True(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(ms, read);
        Assert.Equal(
            DateTimeOffset.FromUnixTimeMilliseconds(ms),
            DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        );
    }

    [Theory]
    [InlineData("2026-11-23T12:00:00Z", 0)]
    [InlineData("2026-11-23t12:00:00z", 0)]
    [InlineData("2026-11-23T12:00:00.1Z", 100)]
    [InlineData("2026-11-23T12:00:00.123Z", 123)]
    [InlineData("2026-11-23T12:00:00.123987654Z", 123)]
    public void Any_number_of_decimals_is_parsed_and_truncated_to_milliseconds(string text, int ms)
    {
        Assert.True(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(Given.NoonMs + ms, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23")]
    [InlineData("2026-11-23T12:00:00")]
    [InlineData("2026-11-23T12:00:00+01:00")]
    [InlineData("2026-11-23T12:00:00.Z")]
    [InlineData("2026-13-23T12:00:00Z")]
    [InlineData("2026-02-29T12:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-11-23T24:00:00Z")]
    [InlineData("2026-11-23T12:60:00Z")]
    [InlineData("2026-11-23T12:00:60Z")]
    [InlineData("2026-11-23 12:00:00Z")]
    [InlineData("2026/11/23T12:00:00Z")]
    [InlineData("2026-11-23T12:00:00.123Zx")]
    [InlineData("20 6-11-23T12:00:00Z")]
    public void Other_forms_are_rejected(string text) => Assert.False(Rfc3339.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
