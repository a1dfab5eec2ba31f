using Akka.Actor;
using BenchmarkDotNet.Attributes;
using GpuActors.Core.Alerts;
using GpuActors.Core.Samples;
using GpuActors.Core.Topology;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Metrics;
using GpuActors.Engine.Protocol;

namespace GpuActors.Benchmarks;

/// <summary>
/// The outbox from the transition to the broker's acknowledgement, with a producer that acknowledges at once.
/// </summary>
[MemoryDiagnoser]
public class OutboxBenchmarks
{
    private const int Alerts = 1_000;
    private readonly GpuId[] _gpus = [.. Enumerable.Range(0, Alerts).Select(n => GpuId.Parse($"GPU-{n:x8}-6156-355b-e589-ff2064894f16"))];
    private ActorSystem _system = null!;
    private IActorRef _outbox = null!;
    private int _seq;

    /// <summary>Starts the outbox.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _system = ActorSystem.Create("benchmark", "akka.loglevel = WARNING");
        var topology = new FleetTopology(new TopologySettings());
        _outbox = _system.ActorOf(
            AlertOutbox.Props(new AlertSettings(), topology, new NullProducer(), new EngineMetrics(), new AlertEnds(12), partitions: 12)
        );
    }

    /// <summary>Ends the actor system.</summary>
    [GlobalCleanup]
    public Task Cleanup() => _system.Terminate();

    /// <summary>One transition of each of a thousand GPUs; the figure is per transition.</summary>
    [Benchmark(OperationsPerInvoke = Alerts)]
    public Task Publish()
    {
        var seq = ++_seq;
        var ticket = new BatchTicket(seq);
        foreach (var gpu in _gpus)
        {
            ticket.Add();
            _outbox.Tell(new OutboxProtocol.Publish(Transition(gpu, seq), ticket));
        }

        ticket.Complete();
        return ticket.Done;
    }

    private static AlertTransition Transition(GpuId gpu, int seq) =>
        new()
        {
            AlertId = AlertId.Parse(gpu.Value),
            Seq = seq,
            State = seq % 2 == 1 ? AlertState.Firing : AlertState.Resolved,
            Severity = AlertSeverity.Critical,
            Rule = "power_brake",
            Gpu = gpu,
            Summary = "Power brake slowdown (0x80) in 3 of the last 3 samples",
            Value = 3,
            Threshold = 3,
            OpenedAtMs = BenchmarkSamples.NoonMs,
            SourceTimeMs = BenchmarkSamples.NoonMs,
            IngestedAtMs = BenchmarkSamples.NoonMs,
            Action = "check-power",
            Runbook = "#power-brake",
            Labels = AlertLabels.Of(GpuInfo.Unknown),
        };
}
