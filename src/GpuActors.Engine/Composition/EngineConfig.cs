using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence.Sql;

namespace GpuActors.Engine.Composition;

/// <summary>The engine's part of an actor system's configuration.</summary>
public static class EngineConfig
{
    /// <summary>Serializers, sharding, downing and the defaults of SQL persistence: the fallback of the node's own configuration.</summary>
    public static Config Akka() =>
        ConfigurationFactory
            .FromResource("akka.conf", typeof(EngineConfig).Assembly)
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(SqlPersistence.DefaultConfiguration)
            .WithFallback(ClusterSingleton.DefaultConfig());
}
