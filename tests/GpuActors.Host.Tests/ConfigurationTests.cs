using System.Collections;
using GpuActors.Core.Incidents;
using GpuActors.Core.Topology;
using GpuActors.Host.Configuration;
using Xunit;

namespace GpuActors.Host.Tests;

public sealed class ConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpuactors-test-").FullName;

    [Fact]
    public void Every_layer_overrides_the_weaker_ones()
    {
        var first = File("first.conf", "gpu-actors.api { host = \"10.0.0.1\", port = 1 }\ngpu-actors.kafka.topics.raw = first");
        var second = File("second.conf", "gpu-actors.api.port = 2\ngpu-actors.node.host = second\ngpu-actors.kafka.topics.alerts = second");
        var environment = new Hashtable
        {
            ["GPUACTORS__NODE__HOST"] = "env",
            ["GPUACTORS__KAFKA__BOOTSTRAP_SERVERS"] = "env:1",
            ["GPUACTORS_OTHER"] = "not ours",
        };

        var settings = Bind(
            [first, second],
            ["kafka.bootstrap-servers=set:1", "gpu-actors.kafka.topics.alerts=set", "node.seeds=a:1,b:2"],
            environment
        );

        Assert.Equal("10.0.0.1", settings.Api.Host);
        Assert.Equal(2, settings.Api.Port);
        Assert.Equal("env", settings.Node.Host);
        Assert.Equal("set:1", settings.Kafka.BootstrapServers);
        Assert.Equal("first", settings.DetectConsumer.Topic);
        Assert.Equal("set", settings.AlertStoreConsumer.Topic);
        Assert.Equal(["a:1", "b:2"], settings.Node.Seeds);
        Assert.Equal(12, settings.TopicLayout.Partitions);
    }

    [Fact]
    public void A_command_with_systems_of_its_own_ignores_those_of_files_and_environment_and_names_them()
    {
        var file = File(
            "prod.conf",
            "gpu-actors { kafka.bootstrap-servers = \"prod:9092\", storage.connection-string = \"Host=prod\", simulation.gpus = 3 }\n"
                + "akka.remote.dot-netty.tcp.port = 1"
        );
        var environment = new Hashtable
        {
            ["GPUACTORS__KAFKA__BOOTSTRAP_SERVERS"] = "env:1",
            ["GPUACTORS__NODE__SEEDS"] = "env:2",
            ["GPUACTORS__ALERTS__REMEMBERED_TRANSITIONS"] = "7000",
        };
        var isolation = new ConfigIsolation();

        var settings = HostSettings.Bind(ConfigLoader.Load([file], [], environment, null, isolation));

        Assert.Equal("localhost:9092", settings.Kafka.BootstrapServers);
        Assert.Empty(settings.Node.Seeds);
        Assert.Equal((3, 7000), (settings.Simulation.Gpus, settings.Alerts.RememberedTransitions));
        Assert.Equal(
            [
                "GPUACTORS__KAFKA__BOOTSTRAP_SERVERS",
                "GPUACTORS__NODE__SEEDS",
                $"akka ({file})",
                $"gpu-actors.kafka.bootstrap-servers ({file})",
                $"gpu-actors.storage.connection-string ({file})",
            ],
            isolation.Ignored
        );
    }

    [Theory]
    [InlineData("gpu-actors.kafka.bootstrap-server = x", "gpu-actors.kafka.bootstrap-server ", "gpu-actors.kafka.bootstrap-servers")]
    [InlineData("gpu-actors.partitions = 3", "gpu-actors.partitions ", "gpu-actors.kafka.topics.partitions")]
    [InlineData("gpu-actors.kafka.consumer = 1", "gpu-actors.kafka.consumer ", "section")]
    [InlineData("kafka.bootstrap-servers = x", "kafka", "gpu-actors")]
    public void An_unknown_key_is_named_with_its_file_and_the_nearest_known_one(string text, string path, string hint)
    {
        var file = File("wrong.conf", text);

        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => Bind([file])).Problems);

        Assert.Contains(path, problem, StringComparison.Ordinal);
        Assert.Contains(file, problem, StringComparison.Ordinal);
        Assert.Contains(hint, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kafka.consumer.commit-interval=5", "duration")]
    [InlineData("kafka.consumer.commit-interval=five s", "duration")]
    [InlineData("kafka.consumer.commit-interval=-5s", "duration")]
    [InlineData("kafka.topics.partitions=abc", "whole number")]
    [InlineData("kafka.topics.partitions=", "whole number")]
    [InlineData("kafka.topics.partitions=1.5", "whole number")]
    [InlineData("kafka.topics.partitions=99999999999", "whole number")]
    [InlineData("kafka.topics.create=1", "true or false")]
    [InlineData("log.level=loud", "debug, info, warning, error")]
    public void A_malformed_value_is_named_with_path_value_and_what_is_expected(string set, string expected)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => Bind([], [set])).Problems);

        var parts = set.Split('=');
        Assert.Contains($"gpu-actors.{parts[0]} = \"{parts[1]}\" (--set)", problem, StringComparison.Ordinal);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Places_of_hosts_are_read_under_names_of_the_users_own()
    {
        var file = File(
            "hosts.conf",
            "gpu-actors.topology.hosts {\n n1 { rack = r7, power-domain = a }\n \"n2.example.org\" { datacenter = ams }\n}"
        );

        var topology = Bind([file]).Topology;

        Assert.Equal(new Place("", "", "r7", "a"), topology.Hosts["n1"]);
        Assert.Equal(new Place("ams", "", "", ""), topology.Hosts["n2.example.org"]);
        Assert.Contains(
            "power_domain",
            Assert
                .Throws<ConfigurationException>(() => Bind([File("bad.conf", "gpu-actors.topology.hosts { n1 { power_domain = a } }")]))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Causes_of_incidents_are_those_of_the_code_and_may_be_changed_and_added_to()
    {
        Assert.Equal(
            new IncidentSettings().Causes.Select(c => c.ToString()).Order(),
            Bind([]).Incidents.Causes.Select(c => c.ToString()).Order()
        );

        var file = File(
            "causes.conf",
            "gpu-actors.incidents.causes {\n nvlink.scopes = [gpu, host, rack]\n network { rules = [xid], scopes = [rack] }\n}"
        );
        var changed = Bind([file]).Incidents;

        Assert.Equal("nvlink: rules nvlink*, scopes gpu host rack", changed.CauseOf("nvlink_down").ToString());
        Assert.Equal("network", changed.CauseOf("xid").Name);
        Assert.Contains(
            "causes.lan.scopes",
            Assert.Throws<ConfigurationException>(() => Bind([File("bad.conf", "gpu-actors.incidents.causes.lan.rules = [x]")])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(2, Assert.Throws<ConfigurationException>(() => Bind([], ["api.port=x", "log.level=x"])).Problems.Count);

    [Theory]
    [InlineData("api.port=70000", "port = 70000")]
    [InlineData("node.roles=detect,fly", "fly")]
    [InlineData("node.roles=predict", "roles = predict: give any of detect, store, notify, collect, api")]
    [InlineData("node.roles=bridge", "roles = bridge: give any of detect, store, notify, collect, api")]
    [InlineData("store.group-id=gpu-actors-detect", "store.group-id")]
    [InlineData("kafka.topics.partitions=0", "partitions")]
    [InlineData("topology.host-pattern=(", "host-pattern")]
    [InlineData("incidents.window=0s", "window")]
    [InlineData("notify.keep-resolved=1m", "keep-resolved")]
    [InlineData("notify.open-timeout=1s", "open-timeout")]
    [InlineData("notify.page-severity=red", "page-severity")]
    [InlineData("incidents.causes.nvlink.scopes=[shelf]", "shelf")]
    [InlineData("incidents.causes.nvlink.rules=[power_brake]", "power_brake is in nvlink and power")]
    public void A_value_out_of_range_is_refused(string set, string named) =>
        Assert.Contains(named, Assert.Throws<ConfigurationException>(() => Bind([], [set])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_role_of_the_endpoint_needs_it() =>
        Assert.Contains(
            "the role api is this endpoint",
            Assert.Throws<ConfigurationException>(() => Bind([], ["node.roles=api", "api.enabled=false"])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_key_that_no_layer_has_is_named_with_every_way_to_set_it()
    {
        var problem = Assert.Throws<ConfigurationException>(() => new LayeredConfig([]).RequiredInt("gpu-actors.api.port")).Message;

        Assert.Contains("gpu-actors.api.port: missing", problem, StringComparison.Ordinal);
        Assert.Contains("GPUACTORS__API__PORT", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu-actors {\n  api { port = 1 }\n", "line 1", "never closed")]
    [InlineData("gpu-actors.api.port = 1\n}", "line 2", "closes nothing")]
    [InlineData("gpu-actors.api.host = ${?HOME}", "line 1", "substitutions")]
    [InlineData("gpu-actors.api.host = \"x", "line 1", "never closed")]
    [InlineData("# fine\ninclude \"other.conf\"", "line 2", "include")]
    public void What_the_parser_would_swallow_is_refused_with_its_line(string text, string line, string what)
    {
        var problem = Assert.Throws<ConfigurationException>(() => Bind([File("broken.conf", text)])).Message;

        Assert.Contains("broken.conf, " + line, problem, StringComparison.Ordinal);
        Assert.Contains(what, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Brackets_in_comments_and_strings_do_not_count() =>
        Assert.Equal("a}{${x}", Bind([File("odd.conf", "# } ${x}\n// {\ngpu-actors.node.host = \"a}{${x}\"")]).Node.Host);

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains(
            "nowhere.conf",
            Assert.Throws<ConfigurationException>(() => Bind([Path.Combine(_folder, "nowhere.conf")])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Keys_of_Akka_and_properties_of_the_client_pass_through()
    {
        var file = File(
            "pass.conf",
            "akka.cluster.min-nr-of-members = 3\ngpu-actors.kafka.properties { \"socket.timeout.ms\" = 30000, debug = broker }"
        );

        var settings = Bind([file], ["akka.loglevel=DEBUG"]);

        Assert.Equal(3, settings.Akka.GetInt("akka.cluster.min-nr-of-members"));
        Assert.Equal("DEBUG", settings.Akka.GetString("akka.loglevel"));
        Assert.Equal("30000", settings.Kafka.Properties["socket.timeout.ms"]);
        Assert.Equal("broker", settings.Kafka.Properties["debug"]);
    }

    [Fact]
    public void Every_key_that_is_read_is_in_the_files_and_every_key_of_the_files_is_read()
    {
        var layers = ConfigLoader.EmbeddedLayers();
        var config = new LayeredConfig(layers);
        HostSettings.Bind(config);

        Assert.Equal(
            layers.SelectMany(layer => layer.Entries.Keys).Order(StringComparer.Ordinal),
            config.KeysRead.Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1.5s", 1_500)]
    [InlineData("10m", 600_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("7 d", 604_800_000)]
    [InlineData("0", 0)]
    public void Durations_carry_their_unit(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ConfigValues.Parse(typeof(TimeSpan), new ConfigValue(text)));

    [Theory]
    [InlineData("5 MiB", 5L << 20)]
    [InlineData("64KiB", 64L << 10)]
    [InlineData("-1", -1L)]
    [InlineData("0x80", 0x80L)]
    public void Whole_numbers_may_say_their_size(string text, long value) =>
        Assert.Equal(value, ConfigValues.Parse(typeof(long), new ConfigValue(text)));

    [Theory]
    [InlineData("MaxBatchRows", "max-batch-rows")]
    [InlineData("TlsCaFile", "tls-ca-file")]
    [InlineData("HTTPPort", "http-port")]
    [InlineData("Sbe100PerHour", "sbe100-per-hour")]
    public void Names_of_keys_follow_from_those_of_settings(string name, string key) => Assert.Equal(key, KebabCase.Of(name));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static HostSettings Bind(string[] files, string[]? sets = null, IDictionary? environment = null) =>
        HostSettings.Bind(ConfigLoader.Load(files, sets ?? [], environment ?? new Hashtable()));

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }
}
