using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence.Sql;

namespace GpuActors.Engine.Composition;

/// <summary>The engine's part of an actor system's configuration.</summary>
public static class EngineConfig
{
    /// <summary>Serializers, sharding, downing and the defaults of SQL persistence; to be laid under the node's own settings.</summary>
    public static Config Akka() =>
        ConfigurationFactory
            .FromResource("akka.conf", typeof(EngineConfig).Assembly)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(SqlPersistence.DefaultConfiguration)
            .WithFallback(ClusterSingleton.DefaultConfig());
}
