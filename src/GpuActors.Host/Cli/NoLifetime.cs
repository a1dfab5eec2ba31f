using Microsoft.Extensions.Hosting;

namespace GpuActors.Host.Cli;

/// <summary>Lifetime of a host that a command starts and stops: no signals are handled, since <see cref="StopSignal"/> does.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
