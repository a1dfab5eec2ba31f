using System.Globalization;
using Akka.Configuration;
using Akka.Persistence.Sql;
using GpuActors.Engine.Composition;
using GpuActors.Host.Configuration;
using GpuActors.Host.Settings;
using GpuActors.Storage;

namespace GpuActors.Host.Node;

/// <summary>Makes Akka's configuration of the settings of this program. Keys under <c>akka</c> that the user sets win.</summary>
internal static class ActorSystemConfig
{
    /// <summary>Name of the actor system. It is part of every address, so it is the same on every node.</summary>
    public const string SystemName = "gpuactors";

    // Time until a recovered database is used again; Akka's default is one to two minutes.
    private const string Breaker = "{ max-failures = 10, call-timeout = 20s, reset-timeout = 2s }";

    /// <summary>The configuration of a node.</summary>
    public static Config Of(HostSettings settings) =>
        settings
            .Akka.WithFallback(Logging(settings.Log))
            .WithFallback(Cluster(settings.Node))
            .WithFallback(Persistence(settings.Storage, settings.Journal))
            .WithFallback(EngineConfig.Akka())
            // The defaults of the plugin, which include its class name.
            .WithFallback(SqlPersistence.DefaultConfiguration);

    private static Config Persistence(StorageSettings storage, JournalSettings journal)
    {
        var provider = storage.Provider == StorageProvider.Postgres ? "PostgreSQL.15" : "SQLite.MS";
        var connection = Quoted(journal.For(storage));
        return ConfigurationFactory.ParseString(
            $$"""
            akka.persistence {
              journal {
                plugin = "akka.persistence.journal.sql"
                sql {
                  connection-string = {{connection}}
                  provider-name = "{{provider}}"
                  auto-initialize = true
                  circuit-breaker {{Breaker}}
                }
              }
              snapshot-store {
                plugin = "akka.persistence.snapshot-store.sql"
                sql {
                  connection-string = {{connection}}
                  provider-name = "{{provider}}"
                  auto-initialize = true
                  circuit-breaker {{Breaker}}
                }
              }
            }
            """
        );
    }

    private static Config Logging(LogSettings log) =>
        ConfigurationFactory.ParseString(
            $$"""
            akka {
              loglevel = {{log.Level.ToString().ToUpperInvariant()}}
              # Standard output is for results.
              stdout-loglevel = OFF
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
              # The command decides when the process ends.
              coordinated-shutdown { run-by-clr-shutdown-hook = off, exit-clr = off }
            }
            """
        );

    private static Config Cluster(NodeSettings node)
    {
        var seeds = string.Join(", ", node.Seeds.Select(seed => $"\"akka.tcp://{SystemName}@{seed}\""));
        var roles = string.Join(", ", node.Roles.Select(role => $"\"{role}\""));
        return ConfigurationFactory.ParseString(
            $$"""
            akka {
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = {{Quoted(node.Host)}}, public-hostname = {{Quoted(node.Host)}}, port = {{node.Port.ToString(
                CultureInfo.InvariantCulture
            )}} }
              cluster { seed-nodes = [{{seeds}}], roles = [{{roles}}] }
              # Batches, rows and alerts are finished before the node leaves.
              coordinated-shutdown.phases.service-requests-done.timeout = {{((long)node.StopTimeout.TotalMilliseconds).ToString(
                CultureInfo.InvariantCulture
            )}}ms
            }
            """
        );
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
