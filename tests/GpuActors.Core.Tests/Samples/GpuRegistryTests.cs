using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Samples;

public sealed class GpuRegistryTests
{
    [Fact]
    public void The_same_bytes_give_the_same_identity_and_slots_are_dense()
    {
        var registry = new GpuRegistry();
        var first = Enumerable.Range(0, 5000).Select(i => registry.Intern(Encoding.ASCII.GetBytes($"GPU-{i:x8}"))!).ToList();
        var again = Enumerable.Range(0, 5000).Select(i => registry.Intern(GpuId.Parse($"GPU-{i:x8}"))).ToList();

        Assert.Equal(Enumerable.Range(0, 5000), first.Select(g => g.Slot));
        Assert.All(first.Zip(again), pair => Assert.Same(pair.First, pair.Second));
        Assert.Equal(5000, registry.Count);
    }

    [Fact]
    public void Threads_that_add_the_same_gpu_at_once_get_the_same_identity()
    {
        var registry = new GpuRegistry();
        var seen = Enumerable
            .Range(0, 4)
            .AsParallel()
            .WithDegreeOfParallelism(4)
            .Select(_ => Enumerable.Range(0, 3000).Select(i => registry.Intern(Encoding.ASCII.GetBytes($"GPU-{i}"))!).ToArray())
            .ToList();

        Assert.Equal(3000, registry.Count);
        Assert.All(seen, identities => Assert.All(identities.Zip(seen[0]), pair => Assert.Same(pair.First, pair.Second)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GPU 1")]
    [InlineData("GPU\t1")]
    [InlineData("GPU-\u0001")]
    [InlineData("GPU-ü")]
    public void Invalid_ids_are_rejected(string text)
    {
        var registry = new GpuRegistry();
        Assert.Null(registry.Intern(Encoding.UTF8.GetBytes(text)));
        Assert.False(GpuId.TryParse(text, out _));
        Assert.Throws<FormatException>(() => GpuId.Parse(text));
        Assert.Equal(0, registry.Count);
    }

    [Fact]
    public void An_id_has_at_most_128_bytes()
    {
        var registry = new GpuRegistry();
        Assert.NotNull(registry.Intern(Encoding.ASCII.GetBytes(new string('x', 128))));
        Assert.Null(registry.Intern(Encoding.ASCII.GetBytes(new string('x', 129))));
    }
}
