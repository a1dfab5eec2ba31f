using GpuActors.Core.Registry;

namespace GpuActors.Core.Tests.Registry;

public sealed class ModelAddressTests
{
    [Theory]
    [InlineData("models:/gpu-failure-predictor/3", 3, null, null)]
    [InlineData("models:/gpu-failure-predictor/Production", null, ModelStage.Production, null)]
    [InlineData("models:/gpu-failure-predictor/staging", null, ModelStage.Staging, null)]
    [InlineData("models:/gpu-failure-predictor/latest", null, null, null)]
    [InlineData("models:/gpu-failure-predictor@champion", null, null, "champion")]
    public void Addresses_of_registered_models_are_read(string text, int? version, ModelStage? stage, string? alias)
    {
        var address = Assert.IsType<RegisteredModelAddress>(ModelAddress.Parse(text));

        Assert.Equal("gpu-failure-predictor", address.Name);
        Assert.Equal((version, stage, alias), (address.Version, address.Stage, address.Alias));
        Assert.Equal(text, address.ToString(), ignoreCase: true);
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("/models/a@b.json")]
    [InlineData("models/a/3")]
    public void Anything_else_is_a_path(string text) => Assert.Equal(new ModelFileAddress(text), ModelAddress.Parse(text));

    [Theory]
    [InlineData("models:/a", "which version")]
    [InlineData("models:a/1", "one '/'")]
    [InlineData("models://a/1", "one '/'")]
    [InlineData("MODELS:/a/1", "lower case")]
    [InlineData("models:/a/0", "'0' is no version")]
    [InlineData("models:/a/-1", "'-1' is no version")]
    [InlineData("models:/a/", "'' is no version")]
    [InlineData("models:/a/Productoin", "Staging, Production")]
    [InlineData("models:/a/1/2", "'1/2' is no version")]
    [InlineData("models:/a/99999999999", "is no version")]
    [InlineData("models://1", "one '/'")]
    [InlineData("models:/a b/1", "model name 'a b'")]
    [InlineData("models:/a@", "alias ''")]
    [InlineData("models:/a@3", "alias '3'")]
    [InlineData("models:/a@v3", "alias 'v3'")]
    [InlineData("models:/a@Latest", "alias 'Latest'")]
    public void An_address_that_cannot_be_read_is_refused_with_the_forms_that_can(string text, string reason)
    {
        var error = Assert.Throws<FormatException>(() => ModelAddress.Parse(text));

        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("models:/NAME@ALIAS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_address_is_refused() => Assert.Throws<FormatException>(() => ModelAddress.Parse(""));

    [Theory]
    [InlineData("models:/m/2", 2)]
    [InlineData("models:/m/production", 1)]
    [InlineData("models:/m/staging", 3)]
    [InlineData("models:/m/latest", 4)]
    [InlineData("models:/m@old", 2)]
    public void An_address_leads_to_a_version(string text, int number) => Assert.Equal(number, Resolve(text).Number);

    [Theory]
    [InlineData("models:/m/5", "versions 1 to 4")]
    [InlineData("models:/m/archived", "stage Archived")]
    [InlineData("models:/m@new", "aliases old")]
    public void What_there_is_not_is_said_with_what_there_is(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<ModelNotFoundException>(() => Resolve(text)).Message, StringComparison.Ordinal);

    private static ModelVersion Resolve(string text) =>
        new RegisteredModel(
            "m",
            0,
            [
                new("m", 1, ModelStage.Production, 0, 1, ""),
                new("m", 2, ModelStage.Staging, 0, 1, "") { Aliases = ["old"] },
                new("m", 3, ModelStage.Staging, 0, 1, ""),
                new("m", 4, ModelStage.None, 0, 1, ""),
            ]
        ).Resolve((RegisteredModelAddress)ModelAddress.Parse(text));
}
