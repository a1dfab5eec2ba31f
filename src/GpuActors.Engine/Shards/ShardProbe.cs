using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using static GpuActors.Engine.Protocol.GpuActorProtocol;
using static GpuActors.Engine.Protocol.ShardProtocol;

namespace GpuActors.Engine.Shards;

/// <summary>
/// The one entity of a shard that is not a GPU. It answers for the shard: on which node it is, that it has been checkpointed, and which of
/// its GPUs exist. Queries for a GPU pass through it and reach the GPU's actor only if there is one.
/// </summary>
internal sealed class ShardProbe : ReceiveActor
{
    // A GPU id has no space, so that no GPU can have the id of a probe.
    private const string Prefix = "shard ";

    private static readonly TimeSpan RetireTimeout = TimeSpan.FromSeconds(4);

    private readonly ShardServices _services;

    public ShardProbe(ShardServices services)
    {
        _services = services;
        var node = Cluster.Get(Context.System).SelfAddress.ToString();
        Receive<WhereIs>(where => Sender.Tell(new Here(where.Shard, node)));
        Receive<Keep>(asked =>
            services
                .KeepAsync(asked.Shard)
                .PipeTo(Sender, Self, written => new Kept(asked.Shard, written), _ => new Kept(asked.Shard, false))
        );
        Receive<RetireGpus>(asked => RetireAsync(asked).PipeTo(Sender, Self));
        Receive<IGpuQuery>(Answer);
        Receive<HandOff>(_ => Context.Stop(Self));
    }

    public static Props Props(ShardServices services) => Akka.Actor.Props.Create(() => new ShardProbe(services));

    /// <summary>Entity id of a shard's probe.</summary>
    public static string Id(int shard) => Prefix + shard.ToString(CultureInfo.InvariantCulture);

    /// <summary>The shard of a probe's id; null for any other id.</summary>
    public static int? ShardOf(string entityId) =>
        entityId.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(entityId.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var shard)
            ? shard
            : null;

    private Task<GpusRetired> RetireAsync(RetireGpus asked)
    {
        var self = Self;
        var gpus = ((ActorRefWithCell)Context.Parent).Children.Where(child => !child.Equals(self)).ToList();
        return AskAsync();

        async Task<GpusRetired> AskAsync()
        {
            var answers = gpus.Select(gpu => gpu.Ask<Retired>(new Retire(asked.Scope, asked.Name), RetireTimeout));
            return new GpusRetired(asked.Shard, (await Task.WhenAll(answers).ConfigureAwait(false)).Count(answer => answer.IsRetired));
        }
    }

    private void Answer(IGpuQuery query)
    {
        // Sharding names an entity's actor by its escaped id. A look-up by path would interpret an id such as "..".
        var gpu = ((ActorRefWithCell)Context.Parent).GetSingleChild(Uri.EscapeDataString(query.Gpu.Value));
        if (!gpu.IsNobody())
        {
            gpu.Forward(query);
            return;
        }

        // GPUs with a saved state start when their partition has arrived: before, nobody here knows which exist. While the partition is on
        // another node or on its way between two, the question stays unanswered, and the asker's time-out says "try again".
        switch (_services.ArrivalOf(query.Gpu))
        {
            case { IsCompletedSuccessfully: true } when query is GetStatus:
                Sender.Tell(new CurrentStatus(query.Gpu, null));
                break;
            case { IsCompleted: false } arriving:
                AskAgainAfter(arriving, query);
                break;
        }
    }

    // Through the region, behind the messages that start the GPUs.
    private void AskAgainAfter(Task arriving, IGpuQuery query)
    {
        var (region, asker) = (_services.Region(), Sender);
        _ = arriving.ContinueWith(_ => region.Tell(query, asker), TaskScheduler.Default);
    }
}
