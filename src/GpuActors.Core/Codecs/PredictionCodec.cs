using System.Text.Json;
using System.Text.Json.Serialization;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Codecs;

/// <summary>Writes and reads the records of <c>gpu-predictions</c>: one JSON object per GPU and time.</summary>
public static class PredictionCodec
{
    // Explainers name tens of features; a database row and a record must hold them.
    private const int MaxFeatures = 64 * 1024;

    private static readonly JsonSerializerOptions Options = new() { Converters = { new Times() } };

    /// <summary>Encodes a prediction as the value of a record.</summary>
    public static byte[] Encode(FailurePrediction prediction) => JsonSerializer.SerializeToUtf8Bytes(prediction, Options);

    /// <summary>
    /// Reads a record written by <see cref="Encode"/>, or by another producer that follows the same contract. Unknown members are ignored.
    /// </summary>
    /// <exception cref="FormatException">The record is not well-formed JSON, or a member is missing, has the wrong type or is out of
    /// range; the message names the member.</exception>
    public static FailurePrediction Read(ReadOnlyMemory<byte> record)
    {
        try
        {
            var prediction =
                JsonSerializer.Deserialize<FailurePrediction>(record.Span, Options) ?? throw new FormatException("The prediction is null");
            Check("failure_probability_7d", prediction.FailureProbability7d);
            Check("failure_probability_30d", prediction.FailureProbability30d);
            Check("failure_probability_90d", prediction.FailureProbability90d);
            Check("confidence", prediction.Confidence ?? 0);
            Check("model_version", prediction.ModelVersion?.Length, TextLimits.Name, "characters");
            Check("predicted_failure_type", prediction.PredictedFailureType?.Length, TextLimits.Name, "characters");
            Check("top_features", LengthOf(prediction.TopFeatures), MaxFeatures, "characters of JSON");
            return prediction.ModelVersion is null
                ? throw new FormatException("Member 'model_version' of the prediction is null")
                : prediction;
        }
        catch (JsonException e)
        {
            throw new FormatException($"The record is not a valid prediction: {JsonErrors.Describe(e)}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("The record is not a valid prediction: a text is not valid UTF-8 or has an invalid escape", e);
        }
    }

    private static int LengthOf(JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? 0 : json.GetRawText().Length;

    private static void Check(string member, int? length, int max, string unit)
    {
        if (length > max)
        {
            throw new FormatException(
                FormattableString.Invariant($"Member '{member}' of the prediction has {length} {unit}: at most {max} are allowed")
            );
        }
    }

    private static void Check(string member, double probability)
    {
        if (probability is not (>= 0 and <= 1))
        {
            throw new FormatException(
                FormattableString.Invariant($"Member '{member}' of the prediction is {probability}: it must be from 0 to 1")
            );
        }
    }

    // Converts all members of type long; the only one is prediction_time.
    private sealed class Times : JsonConverter<long>
    {
        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.ValueSpan, out var ms)
                ? ms
                : throw new JsonException("'prediction_time' must be an RFC 3339 time in UTC, such as 2026-11-23T12:00:00.000Z");

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options)
        {
            Span<byte> text = stackalloc byte[Rfc3339.Length];
            Rfc3339.Write(value, text);
            writer.WriteStringValue(text);
        }
    }
}
