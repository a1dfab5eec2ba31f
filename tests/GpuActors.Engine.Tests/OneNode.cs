using Akka.Actor;
using Akka.Configuration;
using GpuActors.Core.Storage;
using GpuActors.Engine.Composition;
using GpuActors.Storage;
using GpuActors.Testing;

namespace GpuActors.Engine.Tests;

/// <summary>A real cluster of one node, or a further node of one, with its journal in a SQLite file.</summary>
internal static class OneNode
{
    /// <summary>A store of checkpoints in a SQLite file of the folder.</summary>
    public static ICheckpointStore Checkpoints(string folder) =>
        CheckpointStores.Create(StorageProvider.Sqlite, $"Data Source={Path.Combine(folder, "checkpoints.db")}");

    public static async Task<ActorSystem> StartAsync(string folder, string extra = "", Address? join = null)
    {
        var sql = $"connection-string = \"Data Source={Path.Combine(folder, "journal.db")}\", provider-name = \"SQLite.MS\"";
        var config = ConfigurationFactory
            .ParseString(
                $$"""
                akka {
                  loglevel = WARNING
                  # A test that ends takes its systems away at once; one about leaving runs CoordinatedShutdown itself.
                  coordinated-shutdown.run-by-actor-system-terminate = off
                  actor.provider = cluster
                  remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
                  cluster.roles = [detect]
                  persistence.journal { plugin = "akka.persistence.journal.sql", sql { {{sql}} } }
                  persistence.snapshot-store { plugin = "akka.persistence.snapshot-store.sql", sql { {{sql}} } }
                }
                {{extra}}
                """
            )
            .WithFallback(EngineConfig.Akka());
        var system = ActorSystem.Create("gpuactors", config);
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(join ?? cluster.SelfAddress).Completes();
        return system;
    }
}
