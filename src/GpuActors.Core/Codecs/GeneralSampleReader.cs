using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>
/// Reads any well-formed JSON sample, with members and white space in any order, and describes the error of records that are not valid
/// samples.
/// </summary>
internal sealed class GeneralSampleReader(GpuRegistry registry)
{
    private readonly List<string> _names = [];
    private string[] _known = [];

    /// <summary>A sentence that describes the error of the last rejected record.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Number of metrics of the last record that are not in the catalogue.</summary>
    public int UnknownMetrics { get; private set; }

    /// <summary>
    /// Metric names of the last record, in order; null if a value was not a number or a name cannot be part of a
    /// <see cref="SampleLayout"/>.
    /// </summary>
    public IReadOnlyList<string>? Names { get; private set; }

    /// <summary>
    /// True if the members of the last record came in the order v, gpu, ts, others, m. The bytes between ts and m then determine the
    /// <see cref="GpuInfo"/>.
    /// </summary>
    public bool PlainHeader { get; private set; }

    /// <summary>Position after the opening brace of the metrics; 0 if the last record has no metrics.</summary>
    public int MetricsStart { get; private set; }

    /// <summary>True if the last record has the member <c>schema_version</c>, which nested events have and samples do not.</summary>
    public bool HasSchemaVersion { get; private set; }

    public RejectReason Read(ReadOnlySpan<byte> value, GpuSample into)
    {
        HasSchemaVersion = false;
        UnknownMetrics = 0;
        Names = null;
        PlainHeader = false;
        MetricsStart = 0;
        if (value.IsEmpty)
        {
            return Refuse(RejectReason.EmptyValue, "The record has no value");
        }

        var text = value.StartsWith(Encoding.UTF8.Preamble) ? value[3..] : value;
        var first = text.TrimStart(" \t\r\n"u8);
        if (first.IsEmpty || first[0] != '{')
        {
            return Refuse(
                RejectReason.UnknownFormat,
                first.IsEmpty
                    ? "The value consists of white space"
                    : $"The value starts with byte 0x{first[0]:x2}: a JSON object must start with '{{'"
            );
        }

        try
        {
            if (text.TrimEnd(" \t\r\n"u8)[^1] != '}')
            {
                ReadBeginning(text);
                return Refuse(
                    RejectReason.MalformedJson,
                    $"Not well-formed JSON: the record ends at byte {text.Length} before the closing brace of the object"
                );
            }

            return ReadObject(text, into);
        }
        catch (JsonException e)
        {
            return Refuse(RejectReason.MalformedJson, $"Not well-formed JSON at byte {e.BytePositionInLine}: {FirstSentence(e.Message)}");
        }
        catch (InvalidOperationException)
        {
            return Refuse(RejectReason.MalformedJson, "The name of a member has an invalid escape, such as a lone surrogate");
        }
    }

    // Most malformed records are truncated. If a truncated record were read as a complete document, the reader would throw, which costs as
    // much as decoding four valid samples. Read as an incomplete document, it throws only if the record is malformed before its end.
    private static void ReadBeginning(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text, isFinalBlock: false, default);
        while (reader.Read()) { }
    }

    private RejectReason ReadObject(ReadOnlySpan<byte> text, GpuSample into)
    {
        var reader = new Utf8JsonReader(text);
        reader.Read();
        var fields = new SampleFields();
        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member =
                reader.ValueTextEquals("m"u8) ? 'm'
                : reader.ValueTextEquals("gpu"u8) ? 'g'
                : reader.ValueTextEquals("ts"u8) ? 't'
                : reader.ValueTextEquals("v"u8) ? 'v'
                : reader.ValueTextEquals("schema_version"u8) ? 's'
                : reader.ValueTextEquals("xids"u8) ? 'x'
                : reader.ValueTextEquals("mig"u8) ? 'i'
                : 'o';
            fields.Order(member);
            var reason = member switch
            {
                'm' => ReadMetrics(ref reader, into),
                'o' => ReadOther(ref reader, ref fields),
                'x' => ReadXids(ref reader, into),
                'i' => Skip(ref reader),
                _ => ReadContract(ref reader, member, ref fields, into),
            };
            outcome = outcome == RejectReason.None ? reason : outcome;
        }

        if (reader.Read())
        {
            return Refuse(RejectReason.MalformedJson, "There is more text after the object");
        }

        if (outcome != RejectReason.None)
        {
            return outcome;
        }

        return Complete(fields, into);
    }

    private RejectReason Complete(in SampleFields fields, GpuSample into)
    {
        if (fields.Version != 1)
        {
            return Refuse(
                RejectReason.UnknownVersion,
                fields.Version is { } v ? $"Member 'v' is {v}: it must be 1" : "Member 'v' is missing: it must be 1"
            );
        }

        if (fields.Gpu is null)
        {
            return Refuse(RejectReason.MissingGpu, "Member 'gpu' is missing");
        }

        if (fields.TimeMs is not { } time)
        {
            return Refuse(RejectReason.MissingTime, "Member 'ts' is missing");
        }

        into.Gpu = fields.Gpu;
        into.TimeMs = time;
        into.Info = fields.Info;
        PlainHeader = fields.Plain;
        return RejectReason.None;
    }

    private RejectReason ReadContract(ref Utf8JsonReader reader, char member, ref SampleFields fields, GpuSample into)
    {
        reader.Read();
        switch (member)
        {
            case 'v':
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var version))
                {
                    return WrongType(ref reader, "v", "an integer");
                }

                fields.Version = version;
                return RejectReason.None;

            case 's':
                HasSchemaVersion = true;
                var schema =
                    reader.TokenType is JsonTokenType.String
                        ? $"'{Shown(Encoding.UTF8.GetString(reader.ValueSpan))}'"
                        : reader.TokenType.ToString();
                reader.Skip();
                return Refuse(RejectReason.UnknownVersion, $"Member 'schema_version' is {schema}: a sample must have member 'v' instead");

            case 'g':
                return ReadGpu(ref reader, ref fields);

            default:
                if (reader.TokenType != JsonTokenType.String)
                {
                    return WrongType(ref reader, "ts", "a string");
                }

                if (!Rfc3339.TryParse(reader.ValueSpan, out var time))
                {
                    return Refuse(
                        RejectReason.InvalidTime,
                        $"Member 'ts' is '{Shown(Encoding.UTF8.GetString(reader.ValueSpan))}': it must be an RFC 3339 time in UTC, "
                            + "such as 2026-11-23T12:00:00.123Z"
                    );
                }

                fields.TimeMs = time;
                return RejectReason.None;
        }
    }

    private RejectReason ReadGpu(ref Utf8JsonReader reader, ref SampleFields fields)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return WrongType(ref reader, "gpu", "a string");
        }

        if (Intern(ref reader) is not { } gpu)
        {
            return Refuse(
                RejectReason.InvalidGpu,
                $"Member 'gpu' ({reader.ValueSpan.Length} bytes) is not a valid GPU id: it must have 1 to {GpuId.MaxLength} "
                    + "printable ASCII characters without space"
            );
        }

        fields.Gpu = gpu;
        return RejectReason.None;
    }

    private GpuIdentity? Intern(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return registry.Intern(reader.ValueSpan);
        }

        try
        {
            return registry.Intern(Encoding.UTF8.GetBytes(reader.GetString()!));
        }
        catch (InvalidOperationException)
        {
            return null; // The text has an invalid escape, such as a lone surrogate.
        }
    }

    private RejectReason ReadOther(ref Utf8JsonReader reader, ref SampleFields fields)
    {
        var name = reader.ValueSpan.Length <= 9 && !reader.ValueIsEscaped ? Encoding.ASCII.GetString(reader.ValueSpan) : "";
        reader.Read();
        switch (name)
        {
            case "host":
                return ReadText(ref reader, name, ref fields.Host);
            case "pci":
                return ReadText(ref reader, name, ref fields.Pci);
            case "model":
                return ReadText(ref reader, name, ref fields.Model);
            case "driver":
                return ReadText(ref reader, name, ref fields.Driver);
            case "ns":
                return ReadText(ref reader, name, ref fields.Namespace);
            case "pod":
                return ReadText(ref reader, name, ref fields.Pod);
            case "container":
                return ReadText(ref reader, name, ref fields.Container);
            case "index" when reader.TokenType == JsonTokenType.Null:
                return RejectReason.None;
            case "index":
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var index))
                {
                    return WrongType(ref reader, name, "an integer");
                }

                fields.Index = index;
                return RejectReason.None;
            default:
                reader.Skip();
                return RejectReason.None;
        }
    }

    private RejectReason ReadText(ref Utf8JsonReader reader, string name, ref string? into)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return RejectReason.None;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return WrongType(ref reader, name, "a string");
        }

        try
        {
            into = reader.GetString();
            return RejectReason.None;
        }
        catch (InvalidOperationException)
        {
            return Refuse(RejectReason.MalformedJson, $"Member '{name}' is not valid UTF-8 or has an invalid escape");
        }
    }

    private RejectReason ReadMetrics(ref Utf8JsonReader reader, GpuSample into)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return WrongType(ref reader, "m", "an object");
        }

        MetricsStart = (int)reader.TokenStartIndex + 1;
        _names.Clear();
        var predictable = true;
        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var slot = reader.ValueIsEscaped ? -1 : SampleLayout.Slot(reader.ValueSpan);
            predictable &= !reader.ValueIsEscaped && reader.ValueSpan.Length <= 64;
            var name = predictable ? Name(slot, reader.ValueSpan) : "";
            _names.Add(name);
            UnknownMetrics += slot < 0 ? 1 : 0;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && slot >= 0)
            {
                into.Values[slot] = reader.GetDouble();
            }
            else if (reader.TokenType != JsonTokenType.Number)
            {
                predictable = false;
                if (slot >= 0 && reader.TokenType != JsonTokenType.Null && outcome == RejectReason.None)
                {
                    outcome = WrongType(ref reader, "m." + MetricCatalog.All[slot].Name, "a number or null");
                }

                reader.Skip();
            }
        }

        Names = predictable ? _names : null;
        return outcome;
    }

    private RejectReason ReadXids(ref Utf8JsonReader reader, GpuSample into)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return RejectReason.None;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return WrongType(ref reader, "xids", "an object");
        }

        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = Utf8Parser.TryParse(reader.ValueSpan, out int code, out var used) && used == reader.ValueSpan.Length && code > 0;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count))
            {
                if (isCode && count > 0 && !Holds(into.XidCounts, code))
                {
                    _ = into.AddXidCount(new XidCount(code, count));
                }

                continue;
            }

            outcome = outcome == RejectReason.None ? WrongType(ref reader, "xids", "an object with integer values") : outcome;
            reader.Skip();
        }

        return outcome;
    }

    private static bool Holds(ReadOnlySpan<XidCount> counts, int code)
    {
        foreach (var count in counts)
        {
            if (count.Code == code)
            {
                return true;
            }
        }

        return false;
    }

    private static RejectReason Skip(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return RejectReason.None;
    }

    private string Name(int slot, ReadOnlySpan<byte> utf8)
    {
        if (slot >= 0)
        {
            return MetricCatalog.All[slot].Name;
        }

        // Producers that use other names repeat them in every record. Up to 256 of these strings are kept instead of being allocated again.
        foreach (var known in _known)
        {
            if (Ascii.Equals(utf8, known))
            {
                return known;
            }
        }

        var name = Encoding.UTF8.GetString(utf8);
        if (_known.Length < 256)
        {
            _known = [.. _known, name];
        }

        return name;
    }

    private RejectReason WrongType(ref Utf8JsonReader reader, string member, string expected)
    {
        var reason = Refuse(
            RejectReason.WrongType,
            $"Member '{member}' at byte {reader.TokenStartIndex} is {reader.TokenType}: it must be {expected}"
        );
        reader.Skip();
        return reason;
    }

    private RejectReason Refuse(RejectReason reason, string detail)
    {
        Detail = detail;
        return reason;
    }

    private static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";

    private static string FirstSentence(string message) =>
        message.IndexOf(" LineNumber", StringComparison.Ordinal) is > 0 and var end ? message[..end] : message;
}
