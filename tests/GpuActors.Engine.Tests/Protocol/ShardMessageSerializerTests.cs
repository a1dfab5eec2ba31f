using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using GpuActors.Core.Gpus;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Protocol;
using Xunit;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Tests.Protocol;

public sealed class ShardMessageSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "serializer",
        ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(EngineConfig.Akka())
    );

    public static TheoryData<string> Messages =>
        [.. typeof(ShardProtocol).GetNestedTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IShardMessage))).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_has_an_example_uses_our_serializer_and_comes_back_equal(string name)
    {
        var message = Examples().Single(e => e.GetType().Name == name);
        var serializer = Assert.IsType<ShardMessageSerializer>(_system.Serialization.FindSerializerFor(message));
        Assert.Equal(message, serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message)));
    }

    [Theory]
    [InlineData("X9", "")]
    [InlineData("W", "0300")]
    [InlineData("H", "030000")]
    public void What_can_not_be_read_is_a_serialization_error(string manifest, string hex) =>
        Assert.Throws<SerializationException>(() =>
            new ShardMessageSerializer((ExtendedActorSystem)_system).FromBinary(Convert.FromHexString(hex), manifest)
        );

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    internal static IEnumerable<object> Examples() =>
        [
            new WhereIs(300),
            new Here(3, "akka.tcp://gpuactors@10.0.0.1:4053"),
            new Keep(4),
            new Kept(5, true),
            new RetireGpus(6, RetireScope.Rack, "r7"),
            new GpusRetired(7, 8),
        ];
}
