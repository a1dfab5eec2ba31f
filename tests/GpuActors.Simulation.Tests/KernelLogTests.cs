using GpuActors.Collector.KernelLogs;
using GpuActors.Core.Logs;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;
using GpuActors.Simulation.Logs;

namespace GpuActors.Simulation.Tests;

public sealed class KernelLogTests : IDisposable
{
    private const long StartMs = Given.NoonMs;
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("gpuactors-kern-").FullName, "kern.log");
    private readonly SimulatedFleet _fleet = new(16, 1, StartMs);
    private readonly KernelLogReader _reader = new();

    [Theory]
    [InlineData(FaultKind.Xid, null, KernelLogKind.Xid, 79)]
    [InlineData(FaultKind.Xid, 48.0, KernelLogKind.Xid, 48)]
    [InlineData(FaultKind.Vanish, null, KernelLogKind.FallenOffBus, 79)]
    public void A_fault_causes_one_report_of_its_gpu_in_the_kernel_log(FaultKind kind, double? value, KernelLogKind logged, int code)
    {
        var writer = new KernelLogWriter(_path, _fleet);
        _fleet.Inject(
            new FaultRequest
            {
                Gpu = "3",
                Kind = kind,
                Value = value,
                DurationSeconds = 5,
            },
            StartMs
        );

        writer.Write(StartMs + 999);
        Assert.Empty(Reports());
        writer.Write(StartMs + 1000);
        writer.Write(StartMs + 2000);

        var report = Assert.Single(Reports());
        Assert.Equal((logged, code, StartMs + 1000, _fleet.Gpus[3].Host.Name), (report.Kind, report.Code, report.TimeMs, report.Host));
        Assert.Equal(_fleet.Gpus[3].PciBusId.ToLowerInvariant(), report.PciBusId);
    }

    [Fact]
    public void Faults_that_a_kernel_does_not_log_leave_the_file_empty()
    {
        var writer = new KernelLogWriter(_path, _fleet);
        _fleet.Inject(new FaultRequest { Gpu = "3", Kind = FaultKind.PowerBrake }, StartMs);

        writer.Write(StartMs + 1000);

        Assert.Equal(0, new FileInfo(_path).Length);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    private List<KernelLogLine> Reports() =>
        [.. File.ReadAllLines(_path).Select(l => _reader.Read(l, StartMs + 3000, TimeSpan.Zero)).OfType<KernelLogLine>()];
}
