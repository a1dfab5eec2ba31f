using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Samples;

public sealed class Murmur2Tests
{
    // Test vectors from Kafka's UtilsTest.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void The_hash_equals_that_of_kafka(string key, int hash) => Assert.Equal(hash, Murmur2.Hash(Encoding.UTF8.GetBytes(key)));

    [Theory]
    [InlineData("21", 12)]
    [InlineData("foobar", 1)]
    [InlineData("", 7)]
    public void A_partition_is_the_positive_hash_modulo_the_number_of_partitions(string key, int partitions)
    {
        var utf8 = Encoding.UTF8.GetBytes(key);
        Assert.Equal((Murmur2.Hash(utf8) & 0x7fffffff) % partitions, Murmur2.Partition(utf8, partitions));
    }

    [Fact]
    public void A_gpu_has_the_partition_of_its_key() =>
        Assert.Equal(Murmur2.Partition(Encoding.ASCII.GetBytes(Given.Gpu), 48), Murmur2.Partition(GpuId.Parse(Given.Gpu), 48));

    [Fact]
    public void Zero_partitions_are_rejected() => Assert.Throws<ArgumentOutOfRangeException>(() => Murmur2.Partition("a"u8, 0));
}
