using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Logs;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Core.Xids;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Protocol;
using Xunit;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Tests.Protocol;

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

        var copy = (IngestLog)serializer.FromBinary(serializer.ToBinary(original), "L");

        Assert.Equal(
            (original.Gpu, original.Partition, original.Record, original.BatchNo),
            (copy.Gpu, copy.Partition, copy.Record, copy.BatchNo)
        );
    }

    [Fact]
    public void A_status_comes_back_with_all_its_parts()
    {
        var serializer = new GpuMessageSerializer((ExtendedActorSystem)_system);
        var original = Examples().OfType<CurrentStatus>().Single();

        var copy = (CurrentStatus)serializer.FromBinary(serializer.ToBinary(original), "T");

        Assert.Equivalent(original, copy, strict: true);
        var unknown = new CurrentStatus(original.Gpu, null);
        Assert.Equal(unknown, serializer.FromBinary(serializer.ToBinary(unknown), "T"));
    }

    [Theory]
    [InlineData("X9", "")]
    [InlineData("S", "05")]
    [InlineData("C", "FFFFFFFFFFFFFFFF")]
    [InlineData("T", "054750552D3101")]
    [InlineData("L", "054750552D31")]
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
            new GetStatus(gpu),
            new CurrentStatus(gpu, Status(batch.Samples[0].Info)),
            HandOff.Instance,
        ];
    }

    private static GpuStatus Status(GpuInfo info) =>
        new(
            Batches.Gpu(1),
            info,
            GpuHealth.Critical,
            Batches.StartMs,
            20,
            new Dictionary<string, double> { ["gpu_temp"] = 61, ["power_usage"] = 305.8 },
            [
                new OpenAlert
                {
                    AlertId = AlertId.Parse("0123456789abcdef"),
                    Rule = "power_brake",
                    Gpu = Batches.Gpu(1),
                    Severity = AlertSeverity.Critical,
                    OpenedAtMs = Batches.StartMs - 5,
                    Labels = AlertLabels.Of(info),
                },
            ]
        )
        {
            Xids = [new XidRecord(79, 2, Batches.StartMs - 9, Batches.StartMs - 8, XidSource.KernelLog)],
        };
}
