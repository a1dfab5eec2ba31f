using System.Buffers;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;
using GpuActors.Simulation.Http;

namespace GpuActors.Simulation.Tests;

/// <summary>A fleet whose pages a test reads in steps of one second.</summary>
internal sealed class Pages(int gpus = 10, int seed = 1)
{
    /// <summary>The first second of the fleet.</summary>
    public const long StartMs = Given.NoonMs;

    private readonly ExpositionParser _parser = new(new GpuRegistry());

    public SimulatedFleet Fleet { get; } = new(gpus, seed, StartMs);

    /// <summary>Gets the page of the whole fleet at a number of seconds after the start; null if the exporter is down.</summary>
    public byte[]? At(double second, SimulatedHost? host = null)
    {
        var page = new ArrayBufferWriter<byte>();
        return Fleet.Read(StartMs + (long)(second * 1000), host, shown => ExporterPage.Write(page, shown))
            ? page.WrittenSpan.ToArray()
            : null;
    }

    /// <summary>Parses the page as a collector does and returns the values by UUID.</summary>
    public Dictionary<string, double[]> ReadAt(double second)
    {
        _parser.Parse(At(second) ?? throw new InvalidOperationException("The exporter is down"), StartMs + (long)(second * 1000));
        Assert.Equal("", _parser.FirstError);
        Assert.Equal((0, 0), (_parser.UnknownFamilies, _parser.SkippedRows));
        return _parser.Samples.ToArray().ToDictionary(s => s.Gpu.Id.Value, s => s.Values.ToArray());
    }

    /// <summary>Gets one metric of one GPU.</summary>
    public double ReadAt(double second, int gpu, Metric metric) => ReadAt(second)[Fleet.Gpus[gpu].Uuid][(int)metric];

    /// <summary>Injects a fault of GPU 0 that is active from second 10 (inclusive) to second 20 (exclusive).</summary>
    public Pages With(FaultKind kind, double? value = null)
    {
        _ = Fleet.Inject(
            new FaultRequest
            {
                Gpu = "0",
                Kind = kind,
                AtSeconds = 10,
                DurationSeconds = 10,
                Value = value,
            },
            StartMs
        );
        return this;
    }
}
