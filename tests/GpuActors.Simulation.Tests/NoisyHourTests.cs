using System.Buffers;
using GpuActors.Collector.Exposition;
using GpuActors.Core.Alerts;
using GpuActors.Core.Gpus;
using GpuActors.Core.Hosts;
using GpuActors.Core.Logs;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Core.Validation;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;
using GpuActors.Simulation.Http;

namespace GpuActors.Simulation.Tests;

/// <summary>One hour of noise that must not raise critical alerts, with real faults that must.</summary>
public sealed class NoisyHourTests
{
    [Fact]
    public async Task A_noisy_hour_raises_no_critical_alert_and_ten_faults_in_it_raise_exactly_theirs()
    {
        var hours = await Task.WhenAll(
            Task.Run(() => Hour(seed: 1, interval: 1, [])),
            Task.Run(() => Hour(seed: 1, interval: 1, NoisyHour.RealFaults.Select(f => f.Fault)))
        );
        var (noise, both) = (hours[0], hours[1]);
        Assert.DoesNotContain(noise, alert => alert.Severity == AlertSeverity.Critical);
        Assert.Equal(
            NoisyHour.RealFaults.Select(f => $"{f.Rule} on GPU {f.Fault.Gpu}").Order(StringComparer.Ordinal),
            both.Except(noise).Select(alert => $"{alert.Rule} on GPU {alert.Gpu}").Order(StringComparer.Ordinal)
        );
    }

    // A fault must last for as many samples as its rule requires; counters tell of the others at any interval.
    [Theory]
    [InlineData(0.25, "")]
    [InlineData(3, "")]
    [InlineData(10, "")]
    [InlineData(30, "power_brake")]
    [InlineData(60, "power_brake gpu_lost telemetry_frozen")]
    public void At_other_intervals_the_noise_raises_no_critical_alert_and_the_faults_raise_theirs(double interval, string tooShort)
    {
        var noise = Hour(seed: 1, interval, []);
        var both = Hour(seed: 1, interval, NoisyHour.RealFaults.Select(f => f.Fault));

        Assert.DoesNotContain(noise, alert => alert.Severity == AlertSeverity.Critical);
        Assert.Equal(
            NoisyHour
                .RealFaults.Where(f => !tooShort.Split(' ').Contains(f.Rule))
                .Select(f => $"{f.Rule} on GPU {f.Fault.Gpu}")
                .Order(StringComparer.Ordinal),
            both.Except(noise).Select(alert => $"{alert.Rule} on GPU {alert.Gpu}").Order(StringComparer.Ordinal)
        );
    }

    // Products differ in limits, links and fields. Reboots, driver updates and restarts of exporters are no faults.
    [Theory]
    [MemberData(nameof(Products))]
    public void An_hour_of_healthy_gpus_raises_no_alert_and_a_fault_in_it_raises_its_own(string key)
    {
        const int Gpus = 64;
        var noise = Enumerable
            .Range(0, Gpus)
            .SelectMany(gpu =>
                new[]
                {
                    NoisyHour.At(gpu, FaultKind.ExporterDown, 200 + (gpu / 8 * 20), 12),
                    NoisyHour.At(gpu, FaultKind.ExporterDown, 600 + (gpu / 8 * 240), 90),
                    NoisyHour.At(gpu, FaultKind.Reboot, 689 + (gpu / 8 * 240), 1, gpu / 8 % 2 == 0 ? 580.65 : null),
                    NoisyHour.At(gpu, FaultKind.Idle, gpu % 4 == 1 ? 60 + (gpu * 20) : 3599, 1200),
                }
            )
            .Append(NoisyHour.At(5, FaultKind.PowerBrake, 3000, 60));

        var alerts = Hour(new SimulatedFleet(Gpus, 1, Pages.StartMs, GpuProduct.All.Single(p => p.Key == key)), interval: 3, noise);

        Assert.Equal([("power_brake", 5, AlertSeverity.Critical)], alerts.Where(alert => alert.Severity != AlertSeverity.Info));
    }

    public static TheoryData<string> Products => [.. GpuProduct.All.Select(product => product.Key)];

    // Reads a page of every host at every interval and passes it through parser, validator and rules, with the kernel logs of the storms
    // and the check for absent telemetry.
    private static HashSet<(string Rule, int Gpu, AlertSeverity Severity)> Hour(
        int seed,
        double interval,
        IEnumerable<FaultRequest> faults
    ) =>
        Hour(new SimulatedFleet(NoisyHour.MinGpus, seed, Pages.StartMs), interval, NoisyHour.Noise(NoisyHour.MinGpus, seed).Concat(faults));

    private static HashSet<(string Rule, int Gpu, AlertSeverity Severity)> Hour(
        SimulatedFleet fleet,
        double interval,
        IEnumerable<FaultRequest> faults
    )
    {
        foreach (var fault in faults)
        {
            _ = fleet.Inject(fault, Pages.StartMs);
        }

        var registry = new GpuRegistry();
        var parsers = fleet.Hosts.ToDictionary(host => host, _ => new ExpositionParser(registry));
        var states = fleet.Gpus.ToDictionary(gpu => gpu.Uuid, gpu => new GpuState(GpuId.Parse(gpu.Uuid)));
        var validator = new SampleValidator(new ValidationSettings());
        var rules = new RuleSettings();
        var transitions = new List<AlertTransition>();
        var page = new ArrayBufferWriter<byte>(1 << 20);
        var intervalMs = (long)(interval * 1000);
        var stepMs = Math.Min(intervalMs, 1000);
        for (var ms = 0L; ms < NoisyHour.Length.TotalMilliseconds; ms += stepMs)
        {
            var now = Pages.StartMs + ms;
            foreach (var host in fleet.Hosts)
            {
                page.ResetWrittenCount();
                if (ms % intervalMs != 0 || !fleet.Read(now, host, shown => ExporterPage.Write(page, shown)))
                {
                    continue;
                }

                parsers[host].Parse(page.WrittenSpan, now);
                foreach (var sample in parsers[host].Samples)
                {
                    sample.Offset = ms;
                    sample.AppendTimeMs = now + 20;
                    if (validator.Validate(sample, sample.AppendTimeMs) == RejectReason.None)
                    {
                        _ = states[sample.Gpu.Id.Value].Apply(sample, rules, transitions);
                    }
                }
            }

            if (ms % 1000 == 0)
            {
                StormLines(fleet, (int)(ms / 1000), states, rules, transitions);
            }

            LookForAbsence(fleet, now + (stepMs / 2), states, rules, transitions);
        }

        var indexes = fleet.Gpus.ToDictionary(gpu => gpu.Uuid, gpu => gpu.Index);
        return transitions.Where(t => t.State == AlertState.Firing).Select(t => (t.Rule, indexes[t.Gpu.Value], t.Severity)).ToHashSet();
    }

    // Each GPU with an XID storm logs 10,000 lines per hour.
    private static void StormLines(
        SimulatedFleet fleet,
        int second,
        Dictionary<string, GpuState> states,
        RuleSettings rules,
        List<AlertTransition> transitions
    )
    {
        var now = Pages.StartMs + (second * 1000L);
        foreach (var fault in fleet.Faults.Where(f => f.Kind == FaultKind.XidStorm && f.IsActive(now)))
        {
            var gpu = fleet.Gpus[fault.Gpu];
            for (var i = second * 10_000 / 3600; i < (second + 1) * 10_000 / 3600; i++)
            {
                var line = new KernelLogEvent(
                    GpuId.Parse(gpu.Uuid),
                    KernelLogKind.Xid,
                    new[] { 13, 31, 43, 45 }[i % 4],
                    now,
                    gpu.Host.Name,
                    gpu.PciBusId,
                    ""
                );
                _ = states[gpu.Uuid].Apply(line, 0, i, now + 5, rules, transitions);
            }
        }
    }

    private static void LookForAbsence(
        SimulatedFleet fleet,
        long nowMs,
        Dictionary<string, GpuState> states,
        RuleSettings rules,
        List<AlertTransition> transitions
    )
    {
        foreach (var gpu in fleet.Gpus)
        {
            var state = states[gpu.Uuid];
            if (state.IsAbsent(nowMs, rules))
            {
                var others = fleet
                    .Gpus.Where(other => other.Host == gpu.Host && other != gpu)
                    .Select(other => new LastHeard(
                        states[other.Uuid].LastHeardMs,
                        states[other.Uuid].HeardSinceMs,
                        rules.Absence.LimitMs(states[other.Uuid].IntervalMs)
                    ))
                    .ToList();
                state.CheckAbsence(nowMs, HostState.CauseOfAbsence(state.LastHeardMs, state.IntervalMs, others, nowMs), rules, transitions);
            }
        }
    }
}
