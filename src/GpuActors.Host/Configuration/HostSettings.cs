using Akka.Configuration;
using GpuActors.Collector.Common;
using GpuActors.Core.Incidents;
using GpuActors.Core.Notify;
using GpuActors.Core.Rules;
using GpuActors.Core.Topology;
using GpuActors.Core.Validation;
using GpuActors.Engine.Alerts;
using GpuActors.Engine.Detect;
using GpuActors.Engine.Store;
using GpuActors.Host.Settings;
using GpuActors.Kafka.Buffering;
using GpuActors.Kafka.Settings;
using GpuActors.Simulation;
using GpuActors.Storage;

namespace GpuActors.Host.Configuration;

/// <summary>All settings of the process, read once, before anything starts.</summary>
internal sealed record HostSettings
{
    /// <summary>How to reach the brokers.</summary>
    public required KafkaClientSettings Kafka { get; init; }

    /// <summary>Names of topics.</summary>
    public required TopicNames Topics { get; init; }

    /// <summary>How topics must be.</summary>
    public required KafkaTopicSettings TopicLayout { get; init; }

    /// <summary>The consumer of DETECT.</summary>
    public required KafkaConsumerSettings DetectConsumer { get; init; }

    /// <summary>The consumer of DETECT for kernel logs.</summary>
    public required KafkaConsumerSettings LogConsumer { get; init; }

    /// <summary>The consumer of STORE for samples.</summary>
    public required KafkaConsumerSettings StoreConsumer { get; init; }

    /// <summary>The consumer of STORE for alerts.</summary>
    public required KafkaConsumerSettings AlertStoreConsumer { get; init; }

    /// <summary>The consumer of STORE for predictions.</summary>
    public required KafkaConsumerSettings PredictionStoreConsumer { get; init; }

    /// <summary>Producers: alerts and dead letters.</summary>
    public required KafkaProducerSettings Producer { get; init; }

    /// <summary>What a record may look like before it is taken for a sample.</summary>
    public required ValidationSettings Validation { get; init; }

    /// <summary>The database.</summary>
    public required StorageSettings Storage { get; init; }

    /// <summary>The rules in force, XID policy included.</summary>
    public required RuleSettings Rules { get; init; }

    /// <summary>How samples reach the GPUs' actors.</summary>
    public required DetectSettings Detect { get; init; }

    /// <summary>How alerts are published.</summary>
    public required AlertSettings Alerts { get; init; }

    /// <summary>Where hosts stand.</summary>
    public required TopologySettings Topology { get; init; }

    /// <summary>Which alerts are one incident.</summary>
    public required IncidentSettings Incidents { get; init; }

    /// <summary>What pages and when.</summary>
    public required NotifySettings Notify { get; init; }

    /// <summary>How NOTIFY uses Kafka.</summary>
    public required KafkaNotifySettings NotifyLog { get; init; }

    /// <summary>How rows are gathered and written.</summary>
    public required StoreSettings Store { get; init; }

    /// <summary>Scraping exporters.</summary>
    public required CollectorSettings Collector { get; init; }

    /// <summary>The HTTP endpoint of a collector that is no node.</summary>
    public required CollectEndpointSettings CollectEndpoint { get; init; }

    /// <summary>The simulated fleet.</summary>
    public required SimulationSettings Simulation { get; init; }

    /// <summary>What actors keep over restarts.</summary>
    public required JournalSettings Journal { get; init; }

    /// <summary>The HTTP endpoint.</summary>
    public required ApiSettings Api { get; init; }

    /// <summary>This process in the cluster.</summary>
    public required NodeSettings Node { get; init; }

    /// <summary>Logging.</summary>
    public required LogSettings Log { get; init; }

    /// <summary>What the files say under <c>akka</c>.</summary>
    public required Config Akka { get; init; }

    /// <summary>What a collector keeps while the brokers are away.</summary>
    public BufferSettings CollectorBuffer() =>
        new()
        {
            Time = Collector.BufferTime,
            MemoryBytes = Collector.BufferMemoryBytes,
            DiskBytes = Collector.BufferDiskBytes,
            Directory = Collector.StateDirectory,
        };

    /// <summary>Stops a collector that would have nothing to do.</summary>
    /// <exception cref="ConfigurationException">There are no targets.</exception>
    public void RequireTargets()
    {
        if (Collector.Targets.Count == 0)
        {
            throw new ConfigurationException([
                "gpu-actors.collector.targets is empty, so that there is nothing to collect: set it in a --config file, "
                    + "such as collector.targets = [\"http://node1:9400/metrics\"], or give collect --target",
            ]);
        }
    }

    /// <summary>Reads everything.</summary>
    /// <exception cref="ConfigurationException">Something is missing, malformed or out of range; it names all of it.</exception>
    public static HostSettings Bind(LayeredConfig config)
    {
        var binder = new SettingsBinder(config);
        var settings = new HostSettings
        {
            Kafka = binder.Bind<KafkaClientSettings>("gpu-actors.kafka"),
            Topics = binder.Bind<TopicNames>("gpu-actors.kafka.topics"),
            TopicLayout = binder.Bind<KafkaTopicSettings>("gpu-actors.kafka.topics"),
            DetectConsumer = Consumer(binder, "topics.raw", "gpu-actors.detect.group-id"),
            LogConsumer = Consumer(binder, "topics.logs", "gpu-actors.detect.group-id"),
            StoreConsumer = Consumer(binder, "topics.raw", "gpu-actors.store.group-id"),
            AlertStoreConsumer = Consumer(binder, "topics.alerts", "gpu-actors.store.alerts-group-id"),
            PredictionStoreConsumer = Consumer(binder, "topics.predictions", "gpu-actors.store.predictions-group-id"),
            Producer = binder.Bind<KafkaProducerSettings>("gpu-actors.kafka.producer"),
            Validation = binder.Bind<ValidationSettings>("gpu-actors.validation"),
            Storage = binder.Bind<StorageSettings>("gpu-actors.storage"),
            Rules = BindRules(binder, config),
            Detect = binder.Bind<DetectSettings>(
                "gpu-actors.detect",
                new Dictionary<string, string> { [nameof(DetectSettings.DeadLetterTopic)] = "gpu-actors.kafka.topics.dead-letter" }
            ),
            Alerts = binder.Bind<AlertSettings>(
                "gpu-actors.alerts",
                new Dictionary<string, string> { [nameof(AlertSettings.Topic)] = "gpu-actors.kafka.topics.alerts" }
            ),
            Topology = binder.Bind<TopologySettings>("gpu-actors.topology", Skipping(nameof(TopologySettings.Hosts))) with
            {
                Hosts = binder.Read(() => TopologyReader.Read(config)) ?? new Dictionary<string, Place>(),
            },
            Incidents = binder.Bind<IncidentSettings>("gpu-actors.incidents", Skipping(nameof(IncidentSettings.Causes))) with
            {
                Causes = binder.Read(() => IncidentCausesReader.Read(config)) ?? [],
            },
            Notify = binder.Bind<NotifySettings>("gpu-actors.notify"),
            NotifyLog = binder.Bind<KafkaNotifySettings>(
                "gpu-actors.notify",
                new Dictionary<string, string> { [nameof(KafkaNotifySettings.FetchWait)] = "gpu-actors.kafka.consumer.fetch-wait" }
            ),
            Store = binder.Bind<StoreSettings>("gpu-actors.store"),
            Collector = binder.Bind<CollectorSettings>("gpu-actors.collector"),
            CollectEndpoint = binder.Bind<CollectEndpointSettings>("gpu-actors.collector.endpoint"),
            Simulation = binder.Bind<SimulationSettings>("gpu-actors.simulation"),
            Journal = binder.Bind<JournalSettings>("gpu-actors.journal"),
            Api = binder.Bind<ApiSettings>("gpu-actors.api"),
            Node = binder.Bind<NodeSettings>("gpu-actors.node"),
            Log = binder.Bind<LogSettings>("gpu-actors.log"),
            Akka = config.Akka,
        };
        binder.ThrowIfInvalid();
        binder.Problems("gpu-actors.kafka", settings.Kafka.Validate());
        binder.Problems("gpu-actors.kafka.topics", settings.TopicLayout.Validate());
        binder.Problems("gpu-actors.kafka.consumer", settings.DetectConsumer.Validate());
        binder.Problems("gpu-actors.kafka.producer", settings.Producer.Validate());
        binder.Check("gpu-actors.validation", settings.Validation.Validate);
        binder.Check("gpu-actors.storage", settings.Storage.Validate);
        binder.Problems("gpu-actors.rules", settings.Rules.Validate());
        binder.Problems("gpu-actors.detect", settings.Detect.Validate());
        binder.Problems("gpu-actors.alerts", settings.Alerts.Validate());
        binder.Problems("gpu-actors.topology", settings.Topology.Validate());
        binder.Problems("gpu-actors.incidents", settings.Incidents.Validate());
        binder.Problems("gpu-actors.notify", settings.Notify.Validate().Concat(settings.NotifyLog.Validate()));
        binder.Problems("gpu-actors.store", settings.Store.Validate());
        binder.Problems("gpu-actors.collector", settings.Collector.Validate());
        binder.Problems("gpu-actors.collector.endpoint", settings.CollectEndpoint.AsApi().Validate());
        binder.Problems("gpu-actors.simulation", settings.Simulation.Validate());
        binder.Problems("gpu-actors.api", settings.Api.Validate());
        binder.Problems("gpu-actors.node", settings.Node.Validate());
        if (settings.Node.Roles.Contains("api") && !settings.Api.Enabled)
        {
            binder.Problems("gpu-actors.api", ["enabled = false: the role api is this endpoint; leave one of them out"]);
        }

        if (settings.DetectConsumer.GroupId == settings.StoreConsumer.GroupId)
        {
            binder.Problems(
                "gpu-actors.detect",
                [
                    $"group-id = {settings.DetectConsumer.GroupId}: is also store.group-id, so that each would read half of the samples; "
                        + "give them different names",
                ]
            );
        }

        binder.ThrowIfInvalid();
        // With checkpoints, what a crash reads again starts where they end.
        return settings with
        {
            DetectConsumer = settings.DetectConsumer with { ManualCommit = settings.Detect.Checkpoints },
            // A group of its own, by a derived name: members of one group should read the same topics.
            LogConsumer = settings.LogConsumer with
            {
                ManualCommit = settings.Detect.Checkpoints,
                GroupId = settings.DetectConsumer.GroupId + "-logs",
            },
        };
    }

    private static RuleSettings BindRules(SettingsBinder binder, LayeredConfig config) =>
        RuleCatalog.All.Aggregate(
            new RuleSettings
            {
                Absence = binder.Bind<AbsenceSettings>("gpu-actors.rules.absence"),
                XidPolicy = binder.Read(() => XidPolicyReader.Read(config)) ?? XidPolicy.Default,
                Models = binder.Read(() => GpuModelsReader.Read(config)) ?? GpuModelPolicy.Default,
            },
            (rules, rule) => rules.With(rule, (AlertRuleSettings)binder.Bind(rule.SettingsType, "gpu-actors.rules." + rule.Key))
        );

    private static Dictionary<string, string> Skipping(string property) => new() { [property] = "" };

    // One set of bounds for all consumers; topic and group are where a reader looks for them.
    private static KafkaConsumerSettings Consumer(SettingsBinder binder, string topic, string group) =>
        binder.Bind<KafkaConsumerSettings>(
            "gpu-actors.kafka.consumer",
            new Dictionary<string, string>
            {
                [nameof(KafkaConsumerSettings.Topic)] = "gpu-actors.kafka." + topic,
                [nameof(KafkaConsumerSettings.GroupId)] = group,
                // Who commits what is no choice of the user's: DETECT at checkpoints, STORE in the database.
                [nameof(KafkaConsumerSettings.ManualCommit)] = "",
            }
        );
}
