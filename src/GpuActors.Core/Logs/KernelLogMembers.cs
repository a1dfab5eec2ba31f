using System.Text;
using System.Text.Json;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Logs;

/// <summary>The members of one record of <c>gpu-logs</c> while it is read. If a member occurs twice, the last value is used.</summary>
internal sealed class KernelLogMembers
{
    private double _version = double.NaN;
    private double _code = double.NaN;
    private string? _gpu;
    private string? _time;
    private string? _kind;
    private string _host = "";
    private string _pci = "";
    private string _message = "";
    private string _model = "";
    private string _driver = "";
    private double _count = 1;
    private double _index = -1;

    public RejectReason Read(ref Utf8JsonReader json, out string detail)
    {
        detail = "";
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            return Wrong("The record", "object", out detail);
        }

        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            var isText = name is "gpu" or "ts" or "kind" or "host" or "pci" or "message" or "model" or "driver";
            if (json.TokenType != JsonTokenType.Null && isText && json.TokenType != JsonTokenType.String)
            {
                return Wrong($"Member '{TextLimits.Quote(name)}'", "string", out detail);
            }

            if (name is "v" or "code" or "count" or "index" && (json.TokenType != JsonTokenType.Number || !json.TryGetDouble(out _)))
            {
                return Wrong($"Member '{name}'", "number", out detail);
            }

            Take(ref json, name);
        }

        // Reading past the object makes the reader throw if other text follows.
        json.Read();
        return RejectReason.None;
    }

    public RejectReason Line(out KernelLogEvent? line, out string detail)
    {
        line = null;
        detail = "";
        if (_version != 1)
        {
            detail = double.IsNaN(_version)
                ? "Member 'v' is missing: it must be 1"
                : $"Member 'v' is {_version.ToString(System.Globalization.CultureInfo.InvariantCulture)}: it must be 1";
            return RejectReason.UnknownVersion;
        }

        if (string.IsNullOrEmpty(_gpu))
        {
            detail = "Member 'gpu' is missing";
            return RejectReason.MissingGpu;
        }

        if (!GpuId.TryParse(_gpu, out var gpu))
        {
            detail =
                $"Member 'gpu' has {_gpu.Length} characters: it must have 1 to {GpuId.MaxLength} printable ASCII characters without space";
            return RejectReason.InvalidGpu;
        }

        if (string.IsNullOrEmpty(_time))
        {
            detail = "Member 'ts' is missing";
            return RejectReason.MissingTime;
        }

        if (!Rfc3339.TryParse(Encoding.UTF8.GetBytes(_time), out var timeMs))
        {
            detail = $"Member 'ts' is '{TextLimits.Quote(_time)}': it must be an RFC 3339 time in UTC";
            return RejectReason.InvalidTime;
        }

        if (!TryKind(out var kind))
        {
            detail =
                $"Member 'kind' is '{TextLimits.Quote(_kind ?? "")}': it must be xid, fallen_off_bus, sxid, exporter_down or exporter_up";
            return RejectReason.WrongType;
        }

        var least = kind is KernelLogKind.ExporterDown or KernelLogKind.ExporterUp ? 0 : 1;
        if (!(_code >= least && _code <= int.MaxValue) || _code != Math.Floor(_code))
        {
            detail = $"Member 'code' must be a whole number of at least {least}";
            return RejectReason.WrongType;
        }

        if (!(_count >= 1 && _count <= int.MaxValue) || _count != Math.Floor(_count))
        {
            detail = "Member 'count' must be a whole number of at least 1";
            return RejectReason.WrongType;
        }

        if (!(_index >= -1 && _index <= int.MaxValue) || _index != Math.Floor(_index))
        {
            detail = "Member 'index' must be a whole number of at least 0, or be left out";
            return RejectReason.WrongType;
        }

        line = new KernelLogEvent(gpu, kind, (int)_code, timeMs, _host, _pci, _message)
        {
            Count = (int)_count,
            Index = (int)_index,
            Model = _model,
            Driver = _driver,
        };
        return RejectReason.None;
    }

    private void Take(ref Utf8JsonReader json, string name)
    {
        switch (name)
        {
            case "v":
                _version = json.GetDouble();
                break;
            case "code":
                _code = json.GetDouble();
                break;
            case "count":
                _count = json.GetDouble();
                break;
            case "index":
                _index = json.GetDouble();
                break;
            case "model":
                _model = json.GetString() ?? "";
                break;
            case "driver":
                _driver = json.GetString() ?? "";
                break;
            case "gpu":
                _gpu = json.GetString();
                break;
            case "ts":
                _time = json.GetString();
                break;
            case "kind":
                _kind = json.GetString();
                break;
            case "host":
                _host = json.GetString() ?? "";
                break;
            case "pci":
                _pci = PciBusIds.Normalize(json.GetString() ?? "");
                break;
            case "message":
                _message = KernelLogEvent.Cut(json.GetString());
                break;
            default:
                json.Skip();
                break;
        }
    }

    private bool TryKind(out KernelLogKind kind)
    {
        foreach (var candidate in Enum.GetValues<KernelLogKind>())
        {
            if (KernelLogCodec.Name(candidate) == _kind)
            {
                kind = candidate;
                return true;
            }
        }

        kind = default;
        return false;
    }

    private static RejectReason Wrong(string what, string type, out string detail)
    {
        detail = $"{what} must be of JSON type {type}";
        return RejectReason.WrongType;
    }
}
