using System.Diagnostics;
using Akka.Actor;
using GpuActors.Core.Gpus;
using GpuActors.Core.Rules;
using GpuActors.Core.Samples;
using GpuActors.Engine.Composition;
using GpuActors.Engine.Metrics;
using GpuActors.Host.Configuration;
using GpuActors.Host.Logging;
using GpuActors.Host.NodeRoles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuActors.Host.Node;

/// <summary>
/// One node: the supervisor of its roles. It joins the cluster, starts the roles of <c>node.roles</c> and ends them, by draining or by
/// abandoning. Used by <c>node</c> and <c>demo</c>.
/// </summary>
internal sealed class NodeRuntime : IAsyncDisposable
{
    // Less than akka.cluster.down-removal-margin, so that the node is gone before its shards start elsewhere.
    private static readonly TimeSpan AbandonTimeout = TimeSpan.FromSeconds(2);

    // The rest is for leaving the cluster and closing the connections.
    private const double DrainShare = 0.6;

    // Enough for what needs no answer from outside.
    private static readonly TimeSpan LastResort = TimeSpan.FromSeconds(1);

    // Time for a step that only gets LastResort, and for the end of the process.
    private static readonly TimeSpan ExitMargin = TimeSpan.FromSeconds(2);

    private readonly HostSettings _settings;
    private readonly IHost _host;
    private readonly ClusterMembership _membership;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // In the direction of the data flow: records that one role writes are read by roles after it.
    private readonly IReadOnlyList<INodeRole> _roles;
    private readonly ILogger _logger;
    private TopicWatch? _topics;
    private GroupWatch? _groups;
    private long _stopBegan;
    private bool _terminated;

    private NodeRuntime(HostSettings settings, IHost host, ILoggerFactory loggers)
    {
        _host = host;
        _logger = loggers.CreateLogger<NodeRuntime>();
        System = host.Services.GetRequiredService<ActorSystem>();
        Rules = new RuleBook(settings.Rules);
        _membership = new ClusterMembership(System, settings.Node, loggers.CreateLogger<ClusterMembership>(), Fail);
        _settings = RoleConsumers.Identify(settings, _membership.Address);
        var context = new RoleContext(_settings, System, Rules, Metrics, new GpuRegistry(), loggers, Fail);
        var collect = Has("collect") ? new CollectRole(context) : null;
        Detect = Has("detect") ? new DetectRole(context) : null;
        Store = Has("store") ? new StoreRole(context) : null;
        Api = Has("api") ? new ApiRole(context, Detect) : null;
        var notify = Has("notify") ? new NotifyRole(context) : null;
        _roles = [.. new INodeRole?[] { collect, Detect, notify, Store, Api }.OfType<INodeRole>()];
    }

    /// <summary>The actor system; a member of its cluster.</summary>
    public ActorSystem System { get; }

    /// <summary>The rules in force.</summary>
    public RuleBook Rules { get; }

    /// <summary>Counters of the engine.</summary>
    public EngineMetrics Metrics { get; } = new();

    /// <summary>DETECT; null without the role.</summary>
    public DetectRole? Detect { get; }

    /// <summary>STORE; null without the role.</summary>
    public StoreRole? Store { get; }

    /// <summary>API; null without the role.</summary>
    public ApiRole? Api { get; }

    /// <summary>Alerts, incidents, acknowledgements and silences of the fleet; null without the roles detect, notify and api.</summary>
    public NotifyClient? Notify { get; private set; }

    /// <summary>Whether all roles are ready.</summary>
    public bool IsReady => _roles.All(role => role.IsReady && !Metrics.Troubles.Has(role.Name));

    /// <summary>
    /// Faults when the node must end: the cluster has gone on without it, or a role cannot work any more. The supervisor of the process
    /// starts a new one.
    /// </summary>
    public Task Failed => _failed.Task;

    /// <summary>Joins the cluster and starts the roles. Topics and schema must exist.</summary>
    /// <exception cref="TimeoutException">A name in <c>node.seeds</c> did not resolve, or the cluster did not accept the node.</exception>
    public static async Task<NodeRuntime> StartAsync(HostSettings settings, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var timeout = ClusterMembership.JoinTimeout;
        var node = await SeedNodes.OfMachine.PlaceAsync(settings.Node, timeout, cancellationToken).ConfigureAwait(false);
        settings = settings with { Node = node };
        var runtime = new NodeRuntime(settings, NodeHost.Create(settings, loggers), loggers);
        try
        {
            await runtime._host.StartAsync(cancellationToken).ConfigureAwait(false);
            await runtime._membership.JoinAsync(cancellationToken).ConfigureAwait(false);
            if (runtime.Has("detect") || runtime.Has("notify") || runtime.Has("api"))
            {
                runtime.Notify = NotifyClient.Start(runtime.System);
            }

            if (settings.Node.Roles.Any(role => role is "detect" or "store"))
            {
                var cluster = Akka.Cluster.Cluster.Get(runtime.System);
                runtime._groups = await GroupWatch
                    .StartAsync(settings, cluster, runtime.Metrics.Troubles, runtime.Fail, cancellationToken)
                    .ConfigureAwait(false);
            }

            // Against the data flow: the readers of a role run before it.
            foreach (var role in runtime._roles.Reverse())
            {
                await role.StartAsync(cancellationToken).ConfigureAwait(false);
            }

            runtime._topics = settings.Node.NeedsKafka() ? new TopicWatch(settings, runtime.Fail) : null;
            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The readiness checks by name: membership of the cluster, and each role.</summary>
    public IReadOnlyDictionary<string, bool> Readiness()
    {
        var checks = _roles.ToDictionary(
            role => role.Name,
            role => role.IsReady && !Metrics.Troubles.Has(role.Name),
            StringComparer.Ordinal
        );
        checks["cluster"] = _membership.IsUp && !Metrics.Troubles.Has("cluster");
        return checks;
    }

    /// <summary>The status of a GPU, wherever in the cluster its actor is; null when it has never sent a sample.</summary>
    /// <exception cref="InvalidOperationException">The node has neither of the roles detect and api.</exception>
    public Task<GpuStatus?> StatusAsync(GpuId gpu, TimeSpan timeout) =>
        Detect?.Engine.StatusAsync(gpu, timeout)
        ?? Api?.Fleet?.StatusAsync(gpu, timeout)
        ?? throw new InvalidOperationException("The status of a GPU needs one of the roles detect and api on this node");

    /// <summary>Takes GPUs out of the fleet, wherever in the cluster their actors are.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="InvalidOperationException">The node has neither of the roles detect and api.</exception>
    public Task<int> RetireAsync(RetireScope scope, string name, TimeSpan timeout) =>
        Detect?.Engine.RetireAsync(scope, name, timeout)
        ?? Api?.Fleet?.RetireAsync(scope, name, timeout)
        ?? throw new InvalidOperationException("Retiring GPUs needs one of the roles detect and api on this node");

    /// <summary>Finishes the work in progress of all roles.</summary>
    /// <exception cref="TimeoutException">
    /// The work was not finished within its part of <c>node.stop-timeout</c>. The rest is abandoned; the next start reads it again.
    /// </exception>
    public async Task DrainAsync()
    {
        BeginStop();
        var limit = _settings.Node.StopTimeout * DrainShare;
        var drained = Task.CompletedTask;
        foreach (var role in _roles)
        {
            drained = Task.WhenAll(drained, role.DrainAsync(drained));
        }

        try
        {
            await drained.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await AbandonRolesAsync(Task.CompletedTask).ConfigureAwait(false);
            throw new TimeoutException(
                $"Work in progress was not finished within {limit.TotalSeconds:0.#} s, its part of node.stop-timeout "
                    + $"({_settings.Node.StopTimeout.TotalSeconds:0.#} s). The rest stays in Kafka and is processed after the next start"
            );
        }
    }

    /// <summary>
    /// Ends at once and leaves work in progress undone. Other nodes take over the shards of this node within seconds, and would repeat
    /// whatever it still did. Nothing is lost, since nothing is committed that was not done.
    /// </summary>
    public async Task AbandonAsync()
    {
        _terminated = true;
        _membership.Dispose();
        await AbandonRolesAsync(System.Terminate()).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves the cluster, unless the node was abandoned, and releases everything, within what is left of <c>node.stop-timeout</c>. What
    /// is not finished by then ends with the process; the other nodes then remove this one as after a crash.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        BeginStop();
        _membership.Dispose();
        foreach (var watch in new IAsyncDisposable?[] { _topics, _groups }.OfType<IAsyncDisposable>())
        {
            await WithinAsync(Task.Run(() => watch.DisposeAsync().AsTask()), "closing the connections").ConfigureAwait(false);
        }

        if (!_terminated)
        {
            await WithinAsync(_host.StopAsync(CancellationToken.None), "leaving the cluster").ConfigureAwait(false);
        }

        // Not on this thread: the client library blocks.
        await WithinAsync(Task.WhenAll(_roles.Select(role => Task.Run(() => role.DisposeAsync().AsTask()))), "closing the connections")
            .ConfigureAwait(false);
        Metrics.Dispose();
        _host.Dispose();
    }

    private void BeginStop() => _stopBegan = _stopBegan == 0 ? Stopwatch.GetTimestamp() : _stopBegan;

    private async Task WithinAsync(Task work, string what)
    {
        var left = _settings.Node.StopTimeout - ExitMargin - Stopwatch.GetElapsedTime(_stopBegan);
        try
        {
            await work.WaitAsync(left > LastResort ? left : LastResort).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.StopUnfinished(what, _settings.Node.StopTimeout.TotalSeconds);
        }
    }

    private async Task AbandonRolesAsync(Task terminated) =>
        await Task.WhenAny(Task.WhenAll([terminated, .. _roles.Select(role => role.AbandonAsync())]), Task.Delay(AbandonTimeout))
            .ConfigureAwait(false);

    private bool Has(string role) => _settings.Node.Roles.Contains(role);

    private void Fail(string reason) =>
        _failed.TrySetException(new InvalidOperationException($"{reason}. The node ends; start it again. Nothing is lost"));
}
