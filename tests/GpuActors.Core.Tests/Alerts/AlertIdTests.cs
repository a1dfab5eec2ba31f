using GpuActors.Core.Alerts;

namespace GpuActors.Core.Tests.Alerts;

public sealed class AlertIdTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    public void Text_that_is_not_an_id_is_refused_and_named(string text)
    {
        Assert.False(AlertId.TryParse(text, out _));
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => AlertId.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_has_at_most_128_characters()
    {
        Assert.True(AlertId.TryParse(new string('a', 128), out var id));
        Assert.Equal(128, id.Value.Length);
        Assert.False(AlertId.TryParse(new string('a', 129), out _));
        Assert.False(AlertId.TryParse(null, out _));
    }
}
