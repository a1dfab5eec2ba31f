using System.Buffers.Text;
using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>The labels of one row of an exporter's page that matter here, in every spelling that exporters have used.</summary>
internal ref struct RowLabels
{
    /// <summary>UUID of the GPU: <c>UUID</c>, <c>uuid</c> or, on NVLink rows, <c>gpu_uuid</c>.</summary>
    public ReadOnlySpan<byte> Uuid;

    /// <summary>True on rows of an NvSwitch or a CPU.</summary>
    public bool IsOtherDevice;

    /// <summary>True on rows of a MIG instance (<c>GPU_I_ID</c>): the UUID is still the physical GPU's.</summary>
    public bool MigInstance;

    /// <summary>True where a label says something of the moment (<c>err_code</c>, <c>err_msg</c>), so that the block won't come again.</summary>
    public bool Volatile;

    private ReadOnlySpan<byte> _host;
    private ReadOnlySpan<byte> _model;
    private ReadOnlySpan<byte> _pci;
    private ReadOnlySpan<byte> _index;
    private ReadOnlySpan<byte> _driver;

    /// <summary>Reads a label block at the start of <paramref name="text"/>.</summary>
    /// <returns>Its length including both braces; 0 when there is none; -1 with a reason when it can't be read.</returns>
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
            if (equals <= 0)
            {
                reason = "a label name, '=' and a quoted value are wanted";
                return -1;
            }

            var name = text.Slice(at, equals).TrimEnd((byte)' ');
            at += equals + 1;
            at += Spaces(text[at..]);
            if (at >= text.Length || text[at] != '"')
            {
                reason = "a label value starts with a quotation mark";
                return -1;
            }

            var length = QuotedLength(text[(at + 1)..]);
            if (length < 0)
            {
                reason = "a label value does not end";
                return -1;
            }

            labels.Take(name, text.Slice(at + 1, length));
            at += length + 2;
            at += Spaces(text[at..]);
            if (at < text.Length && text[at] == ',')
            {
                at++;
            }
            else if (at >= text.Length || text[at] != '}')
            {
                reason = "a comma or '}' is wanted behind a label";
                return -1;
            }
        }
    }

    /// <summary>What the labels say of the GPU.</summary>
    public readonly GpuInfo Info() => new(
        Text(_host),
        Utf8Parser.TryParse(_index, out int index, out var used) && used == _index.Length ? index : -1,
        PciBusId(Text(_pci)),
        Text(_model),
        Text(_driver));

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 3 when name.SequenceEqual("gpu"u8):
                _index = value;
                break;
            case 3 when name.SequenceEqual("cpu"u8):
            case 7 when name.SequenceEqual("cpucore"u8):
            case 8 when name.SequenceEqual("nvswitch"u8):
                IsOtherDevice = true;
                break;
            case 4 when Ascii.EqualsIgnoreCase(name, "uuid"u8):
            case 8 when name.SequenceEqual("gpu_uuid"u8):
                Uuid = value;
                break;
            case 8 when Ascii.EqualsIgnoreCase(name, "hostname"u8):
                _host = value;
                break;
            case 8 when name.SequenceEqual("GPU_I_ID"u8):
                MigInstance = !value.IsEmpty;
                break;
            case 9 when name.SequenceEqual("modelName"u8):
            case 10 when name.SequenceEqual("model_name"u8):
                _model = value;
                break;
            case 10 when name.SequenceEqual("pci_bus_id"u8):
                _pci = value;
                break;
            case 22 when name.SequenceEqual("DCGM_FI_DRIVER_VERSION"u8):
                _driver = value;
                break;
            case 7 when name.SequenceEqual("err_msg"u8):
            case 8 when name.SequenceEqual("err_code"u8):
                Volatile = true;
                break;
        }
    }

    // DCGM prints an eight-digit domain in capitals, the kernel a four-digit one in small letters: one form for both.
    private static string PciBusId(string id)
    {
        var domain = id.IndexOf(':', StringComparison.Ordinal);
        return domain is > 0 and < 8 && id.IndexOf(':', domain + 1) > 0
            ? id.ToLowerInvariant().PadLeft(id.Length + 8 - domain, '0')
            : id.ToLowerInvariant();
    }

    private static string Text(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        return text.Contains('\\', StringComparison.Ordinal)
            ? text.Replace("\\\\", "\0", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace('\0', '\\')
            : text;
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
