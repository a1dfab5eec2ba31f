using Akka.Hosting;
using Akka.Hosting.Logging;
using GpuActors.Host.Cli;
using GpuActors.Host.Configuration;
using GpuActors.Host.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Node;

/// <summary>
/// The generic host of a node. It owns the actor system: stopping the host runs Akka's coordinated shutdown, which leaves the cluster.
/// </summary>
internal static class NodeHost
{
    /// <summary>Builds the host. The actor system is created when it is first resolved.</summary>
    /// <param name="settings">Settings of the process.</param>
    /// <param name="loggers">Gets the log of the actor system. The caller disposes it.</param>
    public static IHost Create(HostSettings settings, ILoggerFactory loggers)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        // The command decides when the process ends, not a signal handler of the host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddAkka(
            ActorSystemConfig.SystemName,
            akka =>
                akka.ConfigureLoggers(logging =>
                    {
                        logging.ClearLoggers();
                        logging.AddLogger<AkkaLogger>();
                    })
                    .AddSetup(new LoggerFactorySetup(loggers))
                    // Last, so that the keys under akka that the user sets win.
                    .AddHocon(ActorSystemConfig.Of(settings), HoconAddMode.Prepend)
        );
        return builder.Build();
    }
}
