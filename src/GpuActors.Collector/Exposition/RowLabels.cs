using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Collector.Exposition;

/// <summary>The relevant labels of one row of an exporter's page, in every spelling that exporters have used.</summary>
internal ref struct RowLabels
{
    /// <summary><see cref="Link"/> of a row that is not of an NVLink.</summary>
    public const int NoLink = -1;

    /// <summary>UUID of the GPU: <c>UUID</c>, <c>uuid</c> or, on NVLink rows, <c>gpu_uuid</c>.</summary>
    public ReadOnlySpan<byte> Uuid;

    /// <summary>True on rows of a MIG instance (<c>GPU_I_ID</c>): the UUID is still the physical GPU's.</summary>
    public bool OfInstance;

    private ReadOnlySpan<byte> _host;
    private ReadOnlySpan<byte> _model;
    private ReadOnlySpan<byte> _pci;
    private ReadOnlySpan<byte> _index;
    private ReadOnlySpan<byte> _driver;
    private ReadOnlySpan<byte> _instance;
    private ReadOnlySpan<byte> _profile;
    private ReadOnlySpan<byte> _namespace;
    private ReadOnlySpan<byte> _pod;
    private ReadOnlySpan<byte> _container;
    private ReadOnlySpan<byte> _exportedNamespace;
    private ReadOnlySpan<byte> _exportedPod;
    private ReadOnlySpan<byte> _exportedContainer;
    private ReadOnlySpan<byte> _job;
    private bool _switch;
    private bool _cpu;

    /// <summary>No labels.</summary>
    public static RowLabels Empty => new() { Link = NoLink, ClockBit = -1 };

    /// <summary>
    /// Number of the NVLink (<c>nvlink</c>), from 0; <see cref="NoLink"/> without that label, <see cref="int.MaxValue"/> when it is not a
    /// number.
    /// </summary>
    public int Link { get; private set; }

    /// <summary>The label <c>xid</c> of a windowed count; 0 without one.</summary>
    public int Xid { get; private set; }

    /// <summary>Number of the throttle bit in the label <c>clock_event</c>; -1 without one.</summary>
    public int ClockBit { get; private set; }

    /// <summary>
    /// True on rows of an NVSwitch or a CPU. A row with both <c>nvswitch</c> and <c>gpu_uuid</c> is a link of the GPU whose other end is
    /// the switch. The links of a switch have no GPU label.
    /// </summary>
    public readonly bool IsOtherDevice => _cpu || (_switch && (Link == NoLink || Uuid.IsEmpty));

    /// <summary>Id of the MIG instance, from 0; -1 on other rows and when it is not a number.</summary>
    public readonly int InstanceId => OfInstance ? LabelText.Number(_instance) : -1;

    /// <summary>Parses a label block at the start of <paramref name="text"/>.</summary>
    /// <returns>Its length including both braces; 0 when there is none; -1 with a reason when it is malformed.</returns>
    public static int Parse(ReadOnlySpan<byte> text, scoped ref RowLabels labels, out string reason)
    {
        reason = "";
        if (text.IsEmpty || text[0] != '{')
        {
            return 0;
        }

        var at = 1;
        while (true)
        {
            at += Spaces(text[at..]);
            if (at < text.Length && text[at] == '}')
            {
                return at + 1;
            }

            var equals = text[at..].IndexOf((byte)'=');
            var name = equals < 0 ? default : text.Slice(at, equals).TrimEnd(" \t"u8);
            if (!IsName(name))
            {
                reason = "expected a label name, '=' and a quoted value";
                return -1;
            }

            at += equals + 1;
            at += Spaces(text[at..]);
            if (at >= text.Length || text[at] != '"')
            {
                reason = "expected a quotation mark before a label value";
                return -1;
            }

            var length = QuotedLength(text[(at + 1)..]);
            if (length < 0)
            {
                reason = "a label value has no closing quotation mark";
                return -1;
            }

            if (!labels.Take(name, text.Slice(at + 1, length)))
            {
                reason = "the row has two UUIDs";
                return -1;
            }

            at += length + 2;
            at += Spaces(text[at..]);
            if (at < text.Length && text[at] == ',')
            {
                at++;
            }
            else if (at >= text.Length || text[at] != '}')
            {
                reason = "expected a comma or '}' after a label";
                return -1;
            }
        }
    }

    /// <summary>The description of the GPU.</summary>
    public readonly GpuInfo Info() =>
        new(
            LabelText.Text(_host),
            LabelText.Number(_index),
            PciBusIds.Normalize(LabelText.Text(_pci)),
            LabelText.Text(_model),
            LabelText.Text(_driver)
        );

    /// <summary>Profile of the MIG instance; empty when unknown.</summary>
    public readonly string Profile() => LabelText.Text(_profile);

    /// <summary>The workload on the GPU; null when the labels name none.</summary>
    public readonly Workload? Workload()
    {
        // Prometheus replaces labels of the exporter by those of its target and renames the originals to exported_*. The plain labels then
        // describe the pod of the exporter.
        var exported = !_exportedPod.IsEmpty || !_exportedNamespace.IsEmpty || !_exportedContainer.IsEmpty;
        var container = LabelText.Text(exported ? _exportedContainer : _container);
        var workload = new Workload(
            LabelText.Text(exported ? _exportedNamespace : _namespace),
            LabelText.Text(exported ? _exportedPod : _pod),
            container.Length > 0 ? container : LabelText.Text(_job)
        );
        return workload is { Namespace: "", Pod: "", Container: "" } ? null : workload;
    }

    private bool Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // A blank string of DCGM means the same as a missing label.
        value = LabelText.IsBlank(value) ? default : value;
        switch (name)
        {
            case [(byte)'g', (byte)'p', (byte)'u']:
                _index = value;
                return true;
            case [_, _, _, _] when Ascii.EqualsIgnoreCase(name, "uuid"u8):
            case [_, _, _, _, _, _, _, _] when name.SequenceEqual("gpu_uuid"u8):
                var second = !Uuid.IsEmpty && !Uuid.SequenceEqual(value);
                Uuid = value;
                return !second;
            default:
                TakeDevice(name, value);
                TakeUser(name, value);
                return true;
        }
    }

    private void TakeDevice(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("cpu"u8):
            case 7 when name.SequenceEqual("cpucore"u8):
                _cpu = true;
                break;
            case 3 when name.SequenceEqual("xid"u8):
                Xid = Math.Max(0, LabelText.Number(value));
                break;
            case 6 when name.SequenceEqual("nvlink"u8):
                Link =
                    value.IsEmpty ? NoLink
                    : LabelText.Number(value) is >= 0 and var link ? link
                    : int.MaxValue;
                break;
            case 8 when name.SequenceEqual("nvswitch"u8):
                _switch = true;
                break;
            case 8 when Ascii.EqualsIgnoreCase(name, "hostname"u8):
                _host = value;
                break;
            case 8 when name.SequenceEqual("GPU_I_ID"u8):
                _instance = value;
                OfInstance = !value.IsEmpty;
                break;
            case 9 when name.SequenceEqual("modelName"u8):
            case 10 when name.SequenceEqual("model_name"u8):
                _model = value;
                break;
            case 10 when name.SequenceEqual("pci_bus_id"u8):
                _pci = value;
                break;
            case 11 when name.SequenceEqual("clock_event"u8):
                ClockBit = BitOf(value);
                break;
            case 13 when name.SequenceEqual("GPU_I_PROFILE"u8):
                _profile = value;
                break;
            case 22 when name.SequenceEqual("DCGM_FI_DRIVER_VERSION"u8):
                _driver = value;
                break;
        }
    }

    private void TakeUser(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("pod"u8):
            case 8 when name.SequenceEqual("pod_name"u8):
                _pod = value;
                break;
            case 9 when name.SequenceEqual("namespace"u8):
            case 13 when name.SequenceEqual("pod_namespace"u8):
                _namespace = value;
                break;
            case 9 when name.SequenceEqual("container"u8):
            case 14 when name.SequenceEqual("container_name"u8):
                _container = value;
                break;
            case 12 when name.SequenceEqual("exported_pod"u8):
                _exportedPod = value;
                break;
            case 18 when name.SequenceEqual("exported_namespace"u8):
                _exportedNamespace = value;
                break;
            case 18 when name.SequenceEqual("exported_container"u8):
                _exportedContainer = value;
                break;
            case 7 when name.SequenceEqual("hpc_job"u8):
                _job = value;
                break;
        }
    }

    // The exporter's names for NVML's bits 0x1 to 0x100 (clock_events_collector.go).
    private static int BitOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("gpu_idle"u8) ? 0
        : name.SequenceEqual("clocks_setting"u8) ? 1
        : name.SequenceEqual("power_cap"u8) ? 2
        : name.SequenceEqual("hw_slowdown"u8) ? 3
        : name.SequenceEqual("sync_boost"u8) ? 4
        : name.SequenceEqual("sw_thermal"u8) ? 5
        : name.SequenceEqual("hw_thermal"u8) ? 6
        : name.SequenceEqual("hw_power_brake"u8) ? 7
        : name.SequenceEqual("display_clocks"u8) ? 8
        : -1;

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '_')
            {
                return false;
            }
        }

        return name.Length > 0 && !char.IsAsciiDigit((char)name[0]);
    }

    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            if (text[i] == '\\')
            {
                i++;
            }
        }

        return -1;
    }

    private static int Spaces(ReadOnlySpan<byte> text)
    {
        var i = 0;
        while (i < text.Length && (text[i] is (byte)' ' or (byte)'\t'))
        {
            i++;
        }

        return i;
    }
}
