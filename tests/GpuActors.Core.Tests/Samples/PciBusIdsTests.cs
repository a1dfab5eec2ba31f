using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Samples;

public sealed class PciBusIdsTests
{
    [Theory]
    [InlineData("00000000:B3:00.0", "00000000:b3:00.0")]
    [InlineData("0000:b3:00", "00000000:b3:00.0")]
    [InlineData("0000:b3:00.0", "00000000:b3:00.0")]
    [InlineData("0009:01:00.0", "00000009:01:00.0")]
    [InlineData("10000:e1:1f.3", "00010000:e1:1f.3")]
    public void The_forms_of_dcgm_and_the_kernel_are_converted_to_one_form(string text, string id)
    {
        Assert.True(PciBusIds.TryParse(text, out var parsed));
        Assert.Equal(id, parsed);
        Assert.Equal(id, PciBusIds.Normalize(text));
        Assert.Equal(id, PciBusIds.Normalize(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("b3:00.0")]
    [InlineData("0000:b3")]
    [InlineData("0000:b3:001")]
    [InlineData("0000:b3:00.")]
    [InlineData("0000:b3:00.00")]
    [InlineData("000000000:b3:00.0")]
    [InlineData("0000:g3:00.0")]
    [InlineData("0000: 3:00.0")]
    [InlineData("0000:b3-00.0")]
    public void Invalid_ids_are_not_parsed(string text)
    {
        Assert.False(PciBusIds.TryParse(text, out var id));
        Assert.Equal("", id);
        Assert.Equal(text.ToLowerInvariant(), PciBusIds.Normalize(text));
    }
}
