using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Protocol;
using Xunit;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Tests.Gpus;

public sealed class GpuMessageSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "serializer",
        ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(EngineConfig.Akka())
    );

    public static TheoryData<string> Messages =>
        [.. typeof(GpuActorProtocol).GetNestedTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IGpuMessage))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_has_an_example_uses_our_serializer_and_comes_back_equal(string name)
    {
        var message = Examples().Single(e => e.GetType().Name == name);
        var serializer = Assert.IsType<GpuMessageSerializer>(_system.Serialization.FindSerializerFor(message));

        var bytes = serializer.ToBinary(message);
        var copy = serializer.FromBinary(bytes, serializer.Manifest(message));

        Assert.Equal(message.GetType(), copy.GetType());
        Assert.Equal(bytes, serializer.ToBinary(copy));
        Assert.NotEmpty(serializer.Manifest(message));
    }

    [Fact]
    public void Samples_keep_every_value_and_what_is_missing()
    {
        var serializer = new GpuMessageSerializer((ExtendedActorSystem)_system);
        var original = Examples().OfType<IngestSamples>().Single();

        var copy = (IngestSamples)serializer.FromBinary(serializer.ToBinary(original), serializer.Manifest(original));

        Assert.Equal(original.Gpu, copy.Gpu);
        Assert.Equal(original.BatchNo, copy.BatchNo);
        Assert.Equal(original.First.Info, copy.First.Info);
        for (GpuSample? a = original.First, b = copy.First; a is not null; a = a.NextOfGpu, b = b!.NextOfGpu)
        {
            Assert.Equal((a.TimeMs, a.AppendTimeMs, a.Partition, a.Offset), (b!.TimeMs, b.AppendTimeMs, b.Partition, b.Offset));
            Assert.Equal(a.Values.ToArray(), b.Values.ToArray());
            Assert.Equal(a.XidCounts.ToArray(), b.XidCounts.ToArray());
        }
    }

    [Fact]
    public void A_log_line_comes_back_with_its_place()
    {
        var serializer = new GpuMessageSerializer((ExtendedActorSystem)_system);
        var original = Examples().OfType<IngestLog>().Single();

        var copy = (IngestLog)serializer.FromBinary(serializer.ToBinary(original), "L1");

        Assert.Equal(
            (original.Gpu, original.Partition, original.Record, original.BatchNo),
            (copy.Gpu, copy.Partition, copy.Record, copy.BatchNo)
        );
    }

    [Theory]
    [InlineData("X9", "")]
    [InlineData("I2", "05")]
    [InlineData("S", "FFFFFFFFFFFFFFFF")]
    [InlineData("L1", "054750552D31")]
    public void What_can_not_be_read_is_a_serialization_error(string manifest, string hex) =>
        Assert.Throws<SerializationException>(() =>
            new GpuMessageSerializer((ExtendedActorSystem)_system).FromBinary(Convert.FromHexString(hex), manifest)
        );

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    internal static IEnumerable<object> Examples()
    {
        var registry = new GpuRegistry();
        var batch = Batches.Of(registry, 3, 100, (1, 0, 0x88), (1, 1, 0));
        batch.Samples[0].NextOfGpu = batch.Samples[1];
        batch.Samples[1][Metric.PowerUsage] = 305.8;
        _ = batch.Samples[1].AddXidCount(new XidCount(79, 2));
        batch.Samples[0].Info = batch.Samples[0].Info with { Workload = new Workload("ml", "train-0", "worker") };
        var gpu = Batches.Gpu(1);
        var log = new KernelLogRecord(42, Batches.StartMs + 5, Batches.Xid(1, 0, 79));
        return
        [
            new IngestSamples(batch.Samples[0], 77, null),
            new IngestLog(3, log, 77, null),
            new Ingested(77),
            new CheckAbsence(gpu, 5),
            new GetState(gpu),
            new State(gpu, [1, 2, 3]),
            HandOff.Instance,
        ];
    }
}
