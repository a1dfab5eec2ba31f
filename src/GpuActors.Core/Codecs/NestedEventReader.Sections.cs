using System.Text;
using System.Text.Json;
using GpuActors.Core.Metrics;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <content>The sections <c>gpu</c>, <c>host</c> and <c>metrics</c>.</content>
public sealed partial class NestedEventReader
{
    private RejectReason ReadGpu(ref Utf8JsonReader reader, ref EventParts parts)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return WrongType(ref reader, "gpu", "an object");
        }

        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The member "gpu_id" is not used: it holds a part of the UUID that many GPUs share.
            var reason =
                reader.ValueTextEquals("gpu_uuid"u8) || reader.ValueTextEquals("uuid"u8)
                    ? ReadText(ref reader, "gpu.gpu_uuid", ref parts.Gpu)
                : reader.ValueTextEquals("pci_bus_id"u8) ? ReadText(ref reader, "gpu.pci_bus_id", ref parts.Info.Pci)
                : reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("model"u8)
                    ? ReadText(ref reader, "gpu.name", ref parts.Info.Model)
                : reader.ValueTextEquals("driver_version"u8) ? ReadText(ref reader, "gpu.driver_version", ref parts.Info.Driver)
                : reader.ValueTextEquals("device_index"u8) || reader.ValueTextEquals("index"u8) ? ReadIndex(ref reader, ref parts.Info)
                : PassOver(ref reader);
            outcome = outcome == RejectReason.None ? reason : outcome;
        }

        return outcome;
    }

    private RejectReason ReadHost(ref Utf8JsonReader reader, ref InfoParts info)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return WrongType(ref reader, "host", "an object");
        }

        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var reason =
                reader.ValueTextEquals("hostname"u8) ? ReadText(ref reader, "host.hostname", ref info.Host)
                : reader.ValueTextEquals("driver_version"u8) ? ReadText(ref reader, "host.driver_version", ref info.Driver)
                : PassOver(ref reader);
            outcome = outcome == RejectReason.None ? reason : outcome;
        }

        return outcome;
    }

    private RejectReason ReadIndex(ref Utf8JsonReader reader, ref InfoParts info)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return RejectReason.None;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var index))
        {
            return WrongType(ref reader, "gpu.device_index", "an integer");
        }

        info.Index = Math.Max(-1, index);
        return RejectReason.None;
    }

    private RejectReason ReadText(ref Utf8JsonReader reader, string member, ref ReadOnlySpan<byte> into)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return RejectReason.None;
            case JsonTokenType.String:
                into = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
                return RejectReason.None;
            default:
                return WrongType(ref reader, member, "a string");
        }
    }

    private RejectReason ReadMetrics(ref Utf8JsonReader reader, GpuSample into)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return WrongType(ref reader, "metrics", "an object");
        }

        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var section = reader.ValueSpan;
            reader.Read();
            var reason = reader.TokenType switch
            {
                JsonTokenType.StartObject => ReadSection(ref reader, section, into),
                JsonTokenType.Null => RejectReason.None,
                _ => WrongType(ref reader, "metrics." + Shown(section), "an object"),
            };
            outcome = outcome == RejectReason.None ? reason : outcome;
        }

        return outcome;
    }

    private RejectReason ReadSection(ref Utf8JsonReader reader, ReadOnlySpan<byte> section, GpuSample into)
    {
        var outcome = RejectReason.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isReasons =
                section.SequenceEqual("health"u8)
                && (reader.ValueTextEquals("throttle_reasons"u8) || reader.ValueTextEquals("throttle_reasons_decoded"u8));
            var member = reader.ValueSpan;
            var name = reader.ValueIsEscaped ? null : NestedEventNames.Find(section, member);
            reader.Read();
            if (isReasons && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadReasons(ref reader);
            }
            else if (name is null)
            {
                NoteUnknown(section, member);
                reader.Skip();
            }
            else
            {
                var reason = ReadValue(ref reader, name, into);
                outcome = outcome == RejectReason.None ? reason : outcome;
            }
        }

        return outcome;
    }

    private RejectReason ReadValue(ref Utf8JsonReader reader, NestedEventName name, GpuSample into)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                var value = reader.GetDouble();
                into[name.Metric] = name.Convert(value);
                _largestProfiling = name.IsProfiling && value > _largestProfiling ? value : _largestProfiling;
                return RejectReason.None;
            case JsonTokenType.Null:
                return RejectReason.None;
            case JsonTokenType.True or JsonTokenType.False when MetricCatalog.Get(name.Metric).Unit == "flag":
                into[name.Metric] = reader.TokenType == JsonTokenType.True ? 1 : 0;
                return RejectReason.None;
            default:
                return WrongType(ref reader, $"metrics.{name.Section}.{name.Member}", "a number or null");
        }
    }

    private void ReadReasons(ref Utf8JsonReader reader)
    {
        var mask = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var bit =
                reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? NestedEventNames.ThrottleBit(reader.ValueSpan) : 0;
            if (bit == 0)
            {
                NoteUnknown("throttle_reasons"u8, reader.TokenType == JsonTokenType.String ? reader.ValueSpan : "(no text)"u8);
            }

            mask |= bit;
            reader.Skip();
        }

        _decodedReasons = mask;
    }

    private void NoteUnknown(ReadOnlySpan<byte> section, ReadOnlySpan<byte> member)
    {
        _unknown++;
        _unknownMembers?.Add(section, member);
    }
}
