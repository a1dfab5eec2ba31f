using FsCheck.Xunit;
using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Shards;
using Xunit;

namespace GpuActors.Engine.Tests.Shards;

public sealed class GpuMessageExtractorTests
{
    private const int Partitions = 12;
    private readonly GpuMessageExtractor _extractor = new(Partitions);

    [Property]
    public bool Every_message_of_a_gpu_goes_to_the_shard_of_its_records(int number)
    {
        var gpu = Batches.Gpu(number);
        var shard = $"{Murmur2.Partition(gpu, Partitions)}";
        var (command, query) = (new GpuActorProtocol.CheckAbsence(gpu, 0), new GpuActorProtocol.GetStatus(gpu));
        return _extractor.ShardId(command) == shard
            && _extractor.ShardId(query) == shard
            && _extractor.ShardId(_extractor.EntityId(command)) == shard
            && _extractor.ShardId(_extractor.EntityId(query)) == shard;
    }

    [Fact]
    public void A_command_goes_to_the_gpu_and_a_query_to_its_shard()
    {
        var gpu = Batches.Gpu(1);
        var probe = ShardProbe.Id(Murmur2.Partition(gpu, Partitions));

        Assert.Equal(gpu.Value, _extractor.EntityId(new GpuActorProtocol.CheckAbsence(gpu, 0)));
        Assert.Equal(probe, _extractor.EntityId(new GpuActorProtocol.GetStatus(gpu)));
        Assert.Equal(probe, _extractor.EntityId(new HostProtocol.WhenHeard(gpu)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Partitions)]
    [InlineData(99)]
    public void A_shard_that_does_not_exist_is_not_addressed(int shard)
    {
        Assert.Null(_extractor.EntityId(new ShardProtocol.WhereIs(shard)));
        Assert.Null(_extractor.ShardId(new ShardProtocol.WhereIs(shard)));
    }

    [Fact]
    public void No_gpu_has_the_id_of_a_probe()
    {
        var id = ShardProbe.Id(3);

        Assert.Equal(3, ShardProbe.ShardOf(id));
        Assert.False(GpuId.TryParse(id, out _));
        Assert.Null(ShardProbe.ShardOf("~shard-99"));
    }

    [Theory]
    [InlineData("shard 99")]
    [InlineData("shard 99999999999999")]
    [InlineData("")]
    [InlineData("an id that is not valid")]
    public void Any_entity_id_has_a_shard(string entityId) =>
        Assert.InRange(int.Parse(_extractor.ShardId(entityId), System.Globalization.CultureInfo.InvariantCulture), 0, Partitions - 1);
}
