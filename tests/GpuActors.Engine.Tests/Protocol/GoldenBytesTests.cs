using System.Reflection;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Protocol;
using GpuActors.Engine.Tests.Hosts;
using GpuActors.Testing;
using Xunit;

namespace GpuActors.Engine.Tests.Protocol;

/// <summary>
/// During an upgrade nodes of two versions share a cluster, and a journal is read by every version that follows: what one has written, the
/// next one reads.
/// </summary>
public sealed class GoldenBytesTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create(
        "serializer",
        ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(EngineConfig.Akka())
    );

    public static TheoryData<string> Serializers =>
        [
            .. typeof(EngineConfig)
                .Assembly.GetTypes()
                .Where(t => t.IsAssignableTo(typeof(SerializerWithStringManifest)))
                .Select(t => t.Name)
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Serializers))]
    public void What_was_written_is_still_read_and_means_the_same(string name)
    {
        var (serializer, examples) = Of(name);
        var byManifest = examples.ToLookup(serializer.Manifest);
        foreach (var (manifest, lines) in Open(serializer, examples).Lines.GroupBy(line => line.Key).Select(g => (g.Key, g.ToList())))
        {
            var copies = lines.ConvertAll(line => serializer.FromBinary(Bytes(serializer, line.Bytes), manifest));
            if (byManifest[manifest].ToList() is { Count: > 0 } meant)
            {
                Assert.Equal(meant.Select(m => (m.GetType(), Text(serializer, m))), copies.Select(c => (c.GetType(), Text(serializer, c))));
            }
            else
            {
                // Written by earlier versions only: a test of its own says what it means today.
                Assert.All(copies, copy => Assert.Contains(examples, example => example.GetType() == copy.GetType()));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Serializers))]
    public void No_form_changes_without_a_new_manifest(string name)
    {
        var (serializer, examples) = Of(name);
        Open(serializer, examples).AssertWrittenAlike(Today(serializer, examples));
    }

    [Theory]
    [MemberData(nameof(Serializers))]
    public void Every_manifest_has_its_bytes(string name)
    {
        var (serializer, examples) = Of(name);
        Open(serializer, examples).AssertHas(Manifests(serializer));
    }

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    private (SerializerWithStringManifest Serializer, IReadOnlyList<object> Examples) Of(string name)
    {
        var system = (ExtendedActorSystem)_system;
        return name switch
        {
            nameof(GpuMessageSerializer) => (new GpuMessageSerializer(system), [.. GpuMessageSerializerTests.Examples()]),
            nameof(HostMessageSerializer) => (new HostMessageSerializer(system), [.. HostActorSpec.Examples()]),
            nameof(ShardMessageSerializer) => (new ShardMessageSerializer(system), [.. ShardMessageSerializerTests.Examples()]),
            nameof(NotifySerializer) => (new NotifySerializer(system), [.. NotifySerializerTests.Examples()]),
            _ => throw new InvalidOperationException($"{name} is new: name its examples here"),
        };
    }

    private static GoldenFile Open(SerializerWithStringManifest serializer, IReadOnlyList<object> examples) =>
        GoldenFile.Open($"tests/GpuActors.Engine.Tests/Protocol/{serializer.GetType().Name}.txt", Today(serializer, examples));

    private static List<(string Key, string Bytes)> Today(SerializerWithStringManifest serializer, IReadOnlyList<object> examples) =>
        [.. examples.Select(example => (serializer.Manifest(example), Text(serializer, example)))];

    // JSON stands there as it is.
    private static string Text(SerializerWithStringManifest serializer, object message) =>
        serializer is NotifySerializer
            ? Encoding.UTF8.GetString(serializer.ToBinary(message))
            : Convert.ToHexString(serializer.ToBinary(message));

    private static byte[] Bytes(SerializerWithStringManifest serializer, string text) =>
        serializer is NotifySerializer ? Encoding.UTF8.GetBytes(text) : Convert.FromHexString(text);

    // Those that are only read any more, too.
    private static IEnumerable<string> Manifests(SerializerWithStringManifest serializer) =>
        serializer is NotifySerializer
            ? NotifySerializer.Manifests
            : serializer
                .GetType()
                .GetFields(BindingFlags.NonPublic | BindingFlags.Static)
                .Where(field => field.IsLiteral && field.Name.EndsWith("Manifest", StringComparison.Ordinal))
                .Select(field => (string)field.GetRawConstantValue()!);
}
