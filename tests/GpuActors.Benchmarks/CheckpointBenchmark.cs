using System.Diagnostics;
using System.Globalization;
using GpuActors.Core.Checkpoints;
using GpuActors.Core.Gpus;
using GpuActors.Core.Samples;
using GpuActors.Core.Storage;

namespace GpuActors.Benchmarks;

/// <summary>
/// What a GPU's state takes in memory, and what a checkpoint of it weighs and costs: a simulated fleet at one sample per GPU and second,
/// after an hour, a day and a week: <c>checkpoint [GPUS]</c>. From each of these times on it is checkpointed once a minute for an hour.
/// </summary>
internal static class CheckpointBenchmark
{
    private const long StartMs = 1_795_435_200_000;
    private const int Minutes = 60;
    private const int Clones = 1000;

    public static void Run(int gpus)
    {
        var fleet = new AgedFleet(gpus, StartMs);
        var number = 0L;
        foreach (var hours in new[] { 1, 24, 168 })
        {
            fleet.RunTo(StartMs + (hours * 3_600_000L));
            var (live, load) = Live(fleet.States);
            Report(hours, fleet, live, load, ref number);
        }
    }

    // Bytes that a state takes, and microseconds to read it: of copies, since one state is small beside everything else.
    private static (double Bytes, double Microseconds) Live(IReadOnlyDictionary<GpuId, GpuState> states)
    {
        var saved = states.Select(state => (state.Key, Bytes: state.Value.Save())).ToArray();
        var copies = new GpuState[Clones];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Clones; i++)
        {
            copies[i] = GpuState.Load(saved[i % saved.Length].Key, saved[i % saved.Length].Bytes);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        var bytes = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Clones;
        GC.KeepAlive(copies);
        return (bytes, elapsed.TotalMicroseconds / Clones);
    }

    // The first checkpoint, which writes everything, is not counted: in a running system it is written once per takeover.
    private static void Report(int hours, AgedFleet fleet, double live, double load, ref long number)
    {
        Span<long> bytes = [0, 0, 0];
        var (cpu, allocated) = (TimeSpan.Zero, 0L);
        Checkpoint(fleet, ref number, out _);
        for (var minute = 0; minute < Minutes; minute++)
        {
            fleet.RunTo(fleet.NowMs + 60_000);
            var (start, before) = (Environment.CpuUsage.TotalTime, GC.GetAllocatedBytesForCurrentThread());
            Checkpoint(fleet, ref number, out var pieces);
            cpu += Environment.CpuUsage.TotalTime - start;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            foreach (var (part, length) in pieces)
            {
                bytes[(int)part] += length;
            }
        }

        var count = (double)Minutes * fleet.States.Count;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{hours} h: {live:N0} bytes live; a checkpoint per GPU: "
                    + $"{(bytes[0] + bytes[1] + bytes[2]) / count:N0} bytes (state {bytes[0] / count:N0}, "
                    + $"minutes {bytes[1] / count:N0}, hours {bytes[2] / count:N0}), "
                    + $"{cpu.TotalMicroseconds / count:0.0} µs of CPU, "
                    + $"{allocated / count:N0} bytes of garbage; {load:N0} µs to read back"
            )
        );
    }

    private static void Checkpoint(AgedFleet fleet, ref long number, out (CheckpointPart Part, int Length)[] pieces)
    {
        using var draft = new CheckpointDraft(number + 1, number);
        var slot = 0;
        foreach (var (gpu, state) in fleet.States)
        {
            draft.Add(gpu, slot++, state);
        }

        number++;
        pieces = [.. draft.Pieces.Select(piece => (piece.Part, piece.Bytes.Length))];
    }
}
