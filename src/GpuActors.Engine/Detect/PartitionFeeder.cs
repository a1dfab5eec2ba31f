using GpuActors.Core.Samples;
using GpuActors.Engine.Protocol;
using static GpuActors.Engine.Protocol.GpuActorProtocol;

namespace GpuActors.Engine.Detect;

/// <summary>
/// Sends the batches of one partition to the GPUs' actors: one message per GPU and batch. A message to an actor on this node is sent
/// directly, any other one through the region. A direct message could overtake one that is on its way through the region, so messages of a
/// GPU are sent directly only when none of them is. Samples of GPUs that belong to another partition are processed as well, and counted.
/// Used by one stream stage; not thread-safe.
/// </summary>
internal sealed class PartitionFeeder(FeederServices services, ForeignShards foreign)
{
    private const int Unknown = -1;

    private GpuSample?[] _last = [];
    private long[] _stamp = [];
    private long[] _viaRegion = [];
    private int[] _home = [];
    private GpuSample[] _firsts = [];
    private long _acknowledged;
    private long _stampNow;

    /// <summary>Sends a batch. Completes when every sample is applied, every alert delivered and every rejected record written.</summary>
    /// <exception cref="TimeoutException">A part was not acknowledged in time: the partition must be read again.</exception>
    public async Task<SampleBatch> Feed(SampleBatch batch)
    {
        services.Metrics.Received(batch.Count, batch.Rejected.Count);
        var batchNo = await services
            .Hand(batch.Partition, batch.FirstOffset, batch.NextOffset, batch.Rejected, ticket => Tell(batch, ticket))
            .ConfigureAwait(false);
        services.Metrics.Acknowledged(batch.Count);
        Interlocked.Exchange(ref _acknowledged, Math.Max(Interlocked.Read(ref _acknowledged), batchNo));
        return batch;
    }

    private void Tell(SampleBatch batch, BatchTicket ticket)
    {
        var gpus = Chain(batch.Samples);
        var acknowledged = Interlocked.Read(ref _acknowledged);
        var viaRegion = 0;
        var misrouted = 0;
        for (var i = 0; i < gpus; i++)
        {
            var first = _firsts[i];
            _firsts[i] = null!;
            ticket.Add();
            var message = new IngestSamples(first, ticket.BatchNo, ticket);
            var slot = first.Gpu.Slot;
            if (HomeOf(first.Gpu) is var home && home != batch.Partition)
            {
                foreign.Add(home);
                misrouted++;
            }

            if (_viaRegion[slot] <= acknowledged && services.Routes.Find(first.Gpu) is { } route)
            {
                route.AppendTimeMs = first.AppendTimeMs;
                route.Actor.Tell(message, services.Acknowledger);
            }
            else
            {
                _viaRegion[slot] = ticket.BatchNo;
                services.Region.Tell(message, services.Acknowledger);
                viaRegion++;
            }
        }

        if (viaRegion > 0)
        {
            services.Metrics.ViaRegion(viaRegion);
        }

        if (misrouted > 0)
        {
            services.Metrics.Misrouted(misrouted);
        }
    }

    private int HomeOf(GpuIdentity gpu) =>
        _home[gpu.Slot] is var known && known != Unknown ? known : _home[gpu.Slot] = Murmur2.Partition(gpu.Id, services.Partitions);

    // Links the samples of each GPU, in order, and collects the first of each.
    private int Chain(ReadOnlySpan<GpuSample> samples)
    {
        Reserve(samples.Length);
        _stampNow++;
        var gpus = 0;
        foreach (var sample in samples)
        {
            var slot = sample.Gpu.Slot;
            if (_stamp[slot] == _stampNow)
            {
                _last[slot]!.NextOfGpu = sample;
            }
            else
            {
                _stamp[slot] = _stampNow;
                _firsts[gpus++] = sample;
            }

            _last[slot] = sample;
        }

        return gpus;
    }

    private void Reserve(int samples)
    {
        if (_firsts.Length < samples)
        {
            _firsts = new GpuSample[Math.Max(samples, _firsts.Length * 2)];
        }

        var slots = services.Routes.Registry.Count;
        if (_stamp.Length < slots)
        {
            slots = Math.Max(slots, _stamp.Length * 2);
            Array.Resize(ref _last, slots);
            Array.Resize(ref _stamp, slots);
            Array.Resize(ref _viaRegion, slots);
            var known = _home.Length;
            Array.Resize(ref _home, slots);
            Array.Fill(_home, Unknown, known, slots - known);
        }
    }
}
