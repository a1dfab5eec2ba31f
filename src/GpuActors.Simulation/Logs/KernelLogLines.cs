using System.Globalization;
using GpuActors.Simulation.Faults;
using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Logs;

/// <summary>Generates the lines that the kernel of a GPU's host logs for a fault, in the format of rsyslog.</summary>
public static class KernelLogLines
{
    /// <summary>Gets the lines of a fault; none if the kernel does not log faults of its kind.</summary>
    public static IEnumerable<string> Of(Fault fault, SimulatedGpu gpu)
    {
        ArgumentNullException.ThrowIfNull(fault);
        ArgumentNullException.ThrowIfNull(gpu);
        // DCGM's form 00000000:1A:00.0 is 0000:1a:00.0 in the kernel's form, and 0000:1a:00 in XID lines.
        var device = gpu.PciBusId[4..].ToLowerInvariant();
        var place = device[..device.LastIndexOf('.')];
        var code = (int)(fault.Value ?? 79);
        string[] messages = fault.Kind switch
        {
            FaultKind.Xid when code == 79 =>
            [
                $"NVRM: GPU at PCI:{place}: {gpu.Uuid}",
                $"NVRM: Xid (PCI:{place}): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.",
                $"NVRM: GPU {device}: GPU has fallen off the bus.",
            ],
            FaultKind.Xid => [$"NVRM: Xid (PCI:{place}): {code}, pid=4711, name=python3, {Text(code)}"],
            FaultKind.Vanish =>
            [
                $"NVRM: The NVIDIA GPU {device}",
                "NVRM: (PCI ID: 10de:2330) installed in this system has",
                "NVRM: fallen off the bus and is not responding to commands.",
            ],
            _ => [],
        };
        var time = DateTimeOffset
            .FromUnixTimeMilliseconds(fault.FromMs)
            .ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
        return messages.Select(message => $"{time} {gpu.Host.Name} kernel: {message}");
    }

    private static string Text(int code) =>
        code switch
        {
            13 => "Graphics SM Warp Exception on (GPC 5, TPC 6, SM 0): Out Of Range Address",
            31 => "Ch 00000010, intr 00000000. MMU Fault: ENGINE GRAPHICS GPC1 GPCCLIENT_T1_0 faulted @ 0x7f2c_a3e40000. "
                + "Fault is of type FAULT_PDE ACCESS_TYPE_VIRT_READ",
            43 => "Ch 00000008",
            45 => "Ch 00000008",
            48 => "An uncorrectable double bit error (DBE) has been detected on GPU in the framebuffer at partition 6, subpartition 3.",
            63 => "Row Remapper: New row marked for remapping, reset gpu to activate.",
            64 => "Row Remapper Error: (0x0000000303c9aa70) - All reserved rows for bank are remapped",
            94 => "Contained: SM (0x1). RST: No, D-RST: No",
            95 => "Uncontained: LTC TAG (0x2,0x0). RST: Yes, D-RST: No",
            119 => "Timeout after 6s of waiting for RPC response from GPU! Expected function 76 (GSP_RM_CONTROL) (0x20801702 0x4).",
            _ => "Ch 00000008",
        };
}
