namespace GpuActors.Storage.Tests;

/// <summary>Invalid settings are rejected early, and no text contains the password.</summary>
public sealed class SettingsTests
{
    [Fact]
    public void A_bad_setting_names_its_key_and_the_remedy()
    {
        var time = Assert.Throws<ArgumentException>(() => TelemetryStores.Create(new StorageSettings { CommandTimeout = TimeSpan.Zero }));
        Assert.Contains("gpu-actors.storage.command-timeout", time.Message, StringComparison.Ordinal);

        var text = Assert.Throws<ArgumentException>(() =>
            TelemetryStores.Create(new StorageSettings { ConnectionString = "db.example.org:secret" })
        );
        Assert.Contains("gpu-actors.storage.connection-string", text.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("1a")]
    [InlineData("a b")]
    [InlineData("a;drop")]
    public void A_schema_that_would_need_quotes_is_refused(string schema)
    {
        var error = Assert.Throws<ArgumentException>(() => new StorageSettings { Schema = schema }.Validate());
        Assert.Contains($"gpu-actors.storage.schema = {schema}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_as_text_do_not_show_the_connection_string() =>
        Assert.DoesNotContain(
            "secret",
            new StorageSettings { ConnectionString = "Host=db;Password=secret" }.ToString(),
            StringComparison.Ordinal
        );
}
