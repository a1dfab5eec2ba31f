using Akka;
using Akka.Actor;
using Akka.Cluster;
using GpuActors.Host.Logging;
using GpuActors.Host.Settings;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Node;

/// <summary>The node as a member of its cluster: joins, and detects that the cluster has gone on without it.</summary>
internal sealed class ClusterMembership : IDisposable
{
    /// <summary>Longest wait for the cluster, and for names in <c>node.seeds</c>.</summary>
    public static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(60);

    private readonly Cluster _cluster;
    private readonly NodeSettings _settings;
    private readonly ILogger _logger;
    private readonly Action<string> _fail;
    private StandstillWatch? _standstill;

    /// <param name="system">The node's actor system.</param>
    /// <param name="settings">Seeds.</param>
    /// <param name="logger">Gets events.</param>
    /// <param name="fail">Called with the reason when the node must end.</param>
    public ClusterMembership(ActorSystem system, NodeSettings settings, ILogger logger, Action<string> fail)
    {
        _cluster = Cluster.Get(system);
        _settings = settings;
        _logger = logger;
        _fail = fail;
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind,
            "report-downing",
            () =>
            {
                if (shutdown.ShutdownReason is CoordinatedShutdown.ClusterDowningReason)
                {
                    fail(
                        "The cluster has removed this node because it could not be reached for a while. "
                            + "Other nodes have taken over its GPUs"
                    );
                }

                return Task.FromResult(Done.Instance);
            }
        );
    }

    /// <summary>The node's address.</summary>
    public Address Address => _cluster.SelfAddress;

    /// <summary>Whether the node is a full member.</summary>
    public bool IsUp => _cluster.SelfMember.Status == MemberStatus.Up;

    /// <summary>Joins the cluster, or forms one where no seeds are configured.</summary>
    /// <exception cref="TimeoutException">The cluster did not accept the node in time.</exception>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.RegisterOnMemberUp(() => up.TrySetResult());
        if (_settings.Seeds.Count == 0)
        {
            _cluster.Join(_cluster.SelfAddress);
        }

        try
        {
            await up.Task.WaitAsync(JoinTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"The cluster did not accept this node ({_cluster.SelfAddress}) within {JoinTimeout}: check node.seeds "
                    + $"({string.Join(", ", _settings.Seeds)}), and that the seeds can reach node.host and node.port of this node"
            );
        }

        _standstill = new StandstillWatch(TimeUntilRemoval(), TimeProvider.System, StoodStill);
    }

    /// <summary>Ends the watch. The node leaves the cluster when its actor system ends.</summary>
    public void Dispose() => _standstill?.Dispose();

    // After this time without a heartbeat the other nodes have removed this node and taken over its shards.
    private TimeSpan TimeUntilRemoval()
    {
        var config = _cluster.System.Settings.Config.GetConfig("akka.cluster");
        return config.GetTimeSpan("failure-detector.heartbeat-interval")
            + config.GetTimeSpan("failure-detector.acceptable-heartbeat-pause")
            + config.GetTimeSpan("split-brain-resolver.stable-after");
    }

    // The node would learn of its removal only after the same time again, and would until then take partitions back from the new owners.
    private void StoodStill(TimeSpan standstill)
    {
        var others = _cluster.State.Members.Count(m => m.Status == MemberStatus.Up) - 1;
        if (others > 0)
        {
            _fail(
                $"The process did not run for {standstill.TotalSeconds:0.0} s, as on a suspended machine, "
                    + $"and the other {others} nodes have taken over its GPUs"
            );
        }
        else
        {
            _logger.StoodStill(standstill.TotalSeconds);
        }
    }
}
