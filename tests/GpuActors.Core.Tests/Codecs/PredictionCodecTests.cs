using System.Text;
using System.Text.Json;
using GpuActors.Core.Codecs;
using GpuActors.Core.Predictions;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Tests.Codecs;

public sealed class PredictionCodecTests
{
    private static readonly FailurePrediction Prediction = new()
    {
        Gpu = GpuId.Parse(Given.Gpu),
        PredictionTimeMs = Given.NoonMs + 1,
        FailureProbability7d = 0.01,
        FailureProbability30d = 0.05,
        FailureProbability90d = 0.2,
        ModelVersion = "2026-11-01",
    };

    [Fact]
    public void What_is_written_is_read_back()
    {
        var whole = Prediction with
        {
            PredictedFailureType = "memory",
            Confidence = 0.8,
            TimeToFailureDays = 30,
            TopFeatures = JsonSerializer.SerializeToElement(new[] { "sbe_rate" }),
        };
        var read = PredictionCodec.Read(PredictionCodec.Encode(whole));
        Assert.Equal("[\"sbe_rate\"]", read.TopFeatures.GetRawText());
        Assert.Equal(whole with { TopFeatures = default }, read with { TopFeatures = default });
        Assert.Equal(Prediction, PredictionCodec.Read(PredictionCodec.Encode(Prediction)));
    }

    [Fact]
    public void Members_have_the_names_of_the_columns() =>
        Assert.Equal(
            """{"gpu":"GPU-265c9814-6156-355b-e589-ff2064894f16","prediction_time":"2026-11-23T12:00:00.001Z","failure_probability_7d":"""
                + """0.01,"failure_probability_30d":0.05,"failure_probability_90d":0.2,"model_version":"2026-11-01","predicted_fail"""
                + """ure_type":null,"confidence":null,"time_to_failure_days":null}""",
            Encoding.UTF8.GetString(PredictionCodec.Encode(Prediction))
        );

    [Theory]
    [InlineData("{", "not a valid prediction")]
    [InlineData("null", "null")]
    [InlineData("[]", "not a valid prediction")]
    [InlineData("{}", "gpu")]
    [InlineData("""{"gpu":"a b"}""", "'gpu' is not a valid GPU id")]
    [InlineData("""{"gpu":null}""", "'gpu' is not a valid GPU id")]
    [InlineData("""{"gpu":"GPU-1","prediction_time":"yesterday"}""", "'prediction_time' must be")]
    [InlineData(
        """{"gpu":"GPU-1","prediction_time":"2026-11-23T12:00:00.000Z","failure_probability_7d":1.5"""
            + ""","failure_probability_30d":0,"failure_probability_90d":0,"model_version":"1"}""",
        "'failure_probability_7d' of the prediction is 1.5"
    )]
    [InlineData(
        """{"gpu":"GPU-1","prediction_time":"2026-11-23T12:00:00.000Z","failure_probability_7d":0"""
            + ""","failure_probability_30d":0,"failure_probability_90d":0,"model_version":null}""",
        "'model_version'"
    )]
    public void Invalid_predictions_are_rejected_with_an_error_text(string record, string why) =>
        Assert.Contains(
            why,
            Assert.Throws<FormatException>(() => PredictionCodec.Read(Encoding.UTF8.GetBytes(record))).Message,
            StringComparison.Ordinal
        );
}
