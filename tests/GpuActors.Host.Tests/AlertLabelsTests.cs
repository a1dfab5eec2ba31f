using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GpuActors.Core.Alerts;
using GpuActors.Core.Codecs;
using GpuActors.Core.Samples;
using GpuActors.Core.Silences;
using GpuActors.Core.Storage;
using GpuActors.Core.Topology;
using GpuActors.Host.Cli;
using GpuActors.Host.Http;
using GpuActors.Storage;
using GpuActors.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace GpuActors.Host.Tests;

/// <summary>The record of an alert, silences, the API and the tables all have the same labels.</summary>
public sealed class AlertLabelsTests
{
    // Text as hosts, pods and places have it, and text that JSON must escape.
    private static readonly string[] Texts = ["", "n1", "r-7.a", "ml/train 0", "\"quoted\" \\ {}", "Zürich", "机架\u0001", "🔥"];

    [Fact]
    public async Task Labels_are_the_same_in_record_silence_and_api_and_in_sqlite()
    {
        var folder = Directory.CreateTempSubdirectory("gpuactors-labels-");
        try
        {
            var connection = $"Data Source={Path.Combine(folder.FullName, "test.db")};Pooling=False";
            await Check(new StorageSettings { ConnectionString = connection }, () => new SqliteConnection(connection));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public async Task Labels_are_the_same_in_record_silence_and_api_and_in_postgres()
    {
        await using var server = await PostgresServer.StartAsync();
        var connection = await server.CreateDatabaseAsync();
        await Check(
            new StorageSettings { Provider = StorageProvider.Postgres, ConnectionString = connection },
            () => new NpgsqlConnection(connection)
        );
    }

    private static async Task Check(StorageSettings settings, Func<DbConnection> connect)
    {
        await using var store = TelemetryStores.Create(settings);
        await store.MigrateAsync(CancellationToken.None);
        var stored = 0;
        var property = Prop.ForAll(
            Labels().ToArbitrary(),
            labels =>
            {
                var alert = Given.Alert($"a{++stored}") with { Labels = labels };
                var expected = Text(labels.All);
                Assert.Equal(expected, InRecord(alert));
                Assert.Equal(labels, AlertCodec.Read(AlertCodec.Encode(alert)).Labels);
                Assert.Equal(expected, InApi(alert));
                Assert.Equal(expected, InTable(store, connect, alert, stored).GetAwaiter().GetResult());
                Assert.All(labels.All, label => Assert.True(IsSilenced(alert, label), label.Key));
            }
        );
        await Task.Run(() => FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(50), property));
    }

    private static string InRecord(AlertTransition alert)
    {
        using var json = JsonDocument.Parse(AlertCodec.Encode(alert));
        return Text(json.RootElement.GetProperty("labels"));
    }

    private static string InApi(AlertTransition alert)
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(AlertBody.Of(OpenAlert.Of(alert)), JsonOutput.Options));
        return Text(json.RootElement.GetProperty("labels"));
    }

    private static async Task<string> InTable(ITelemetryStore store, Func<DbConnection> connect, AlertTransition alert, int next)
    {
        await store.WriteAlertsAsync([alert], [new IngestOffset("gpu-alerts", 0, next)], CancellationToken.None);
        await using var connection = connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"select labels from gpu_alerts where alert_id = '{alert.AlertId}'"
        );
        using var json = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        return Text(json.RootElement);
    }

    private static bool IsSilenced(AlertTransition alert, KeyValuePair<string, string> label)
    {
        var silence = new Silence("s", [new SilenceMatcher(label.Key, label.Value)], 0, 1, "ann", "", SilenceKind.Silence);
        return new AlertControlView(new AlertControlSnapshot([], [silence])).SilenceOf(alert, 0) is not null;
    }

    private static Gen<AlertLabels> Labels() =>
        from texts in Gen.Elements(Texts).ArrayOf(13)
        from index in Gen.Choose(-1, 7)
        select AlertLabels
            .Of(new GpuInfo(texts[0], index, texts[1], texts[2], texts[3]) { Workload = new Workload(texts[4], texts[5], texts[6]) })
            .With(AlertLabelNames.Xid, texts[7])
            .With(AlertLabelNames.FlappingRule, texts[8])
            .At(new Place(texts[9], texts[10], texts[11], texts[12]));

    private static string Text(JsonElement labels) =>
        Text(labels.EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString()!)));

    private static string Text(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join('\n', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
}
