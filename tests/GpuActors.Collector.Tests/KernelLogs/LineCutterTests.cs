using System.Text;
using GpuActors.Collector.KernelLogs;

namespace GpuActors.Collector.Tests.KernelLogs;

public sealed class LineCutterTests
{
    private readonly LineCutter _cutter = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void A_line_may_arrive_in_pieces()
    {
        Take("one\ntw");
        Assert.Equal(["one"], _lines);

        Take("o\n\nthree");
        Assert.Equal(["one", "two"], _lines);

        _cutter.End(_lines);
        Assert.Equal(["one", "two", "three"], _lines);
    }

    [Fact]
    public void Invalid_utf8_becomes_replacement_characters()
    {
        _cutter.Add([0xff, 0xfe, (byte)'a', (byte)'\n', (byte)'b', (byte)'\n'], _lines);

        Assert.Equal(["\uFFFD\uFFFDa", "b"], _lines);
    }

    [Fact]
    public void A_line_over_16_KiB_is_truncated_and_the_next_line_is_complete()
    {
        Take(new string('x', LineCutter.MaxLineBytes + 5));
        Take("yyy\nnext\n");

        Assert.Equal([new string('x', LineCutter.MaxLineBytes), "next"], _lines);
    }

    [Fact]
    public void A_line_of_exactly_16_KiB_is_complete()
    {
        Take(new string('x', LineCutter.MaxLineBytes) + "\nnext\n");

        Assert.Equal([LineCutter.MaxLineBytes, 4], _lines.Select(l => l.Length));
    }

    [Fact]
    public void The_nuls_that_copytruncate_leaves_are_not_a_line()
    {
        Take(new string('\0', 100_000) + "one\n");

        Assert.Equal(["one"], _lines);
    }

    private void Take(string text) => _cutter.Add(Encoding.UTF8.GetBytes(text), _lines);
}
