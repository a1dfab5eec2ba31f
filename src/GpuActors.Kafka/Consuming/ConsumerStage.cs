using Akka.Streams;
using Akka.Streams.Stage;
using GpuActors.Core.Messaging;

namespace GpuActors.Kafka.Consuming;

/// <summary>Emits assigned partitions; its materialized value controls the consumer's thread.</summary>
internal sealed class ConsumerStage<TBatch>(Func<ConsumerLoop<TBatch>> create)
    : GraphStageWithMaterializedValue<SourceShape<IPartitionBatches<TBatch>>, IConsumerControl>
    where TBatch : class
{
    private readonly Outlet<IPartitionBatches<TBatch>> _out = new("partitions.out");

    public override SourceShape<IPartitionBatches<TBatch>> Shape => new(_out);

    public override ILogicAndMaterializedValue<IConsumerControl> CreateLogicAndMaterializedValue(Attributes inheritedAttributes)
    {
        var loop = create();
        return new LogicAndMaterializedValue<IConsumerControl>(new Logic(Shape, _out, loop), loop);
    }

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly Outlet<IPartitionBatches<TBatch>> _out;
        private readonly ConsumerLoop<TBatch> _loop;

        // Bounded by the number of assigned partitions.
        private readonly Queue<IPartitionBatches<TBatch>> _waiting = new();

        public Logic(Shape shape, Outlet<IPartitionBatches<TBatch>> outlet, ConsumerLoop<TBatch> loop)
            : base(shape)
        {
            _out = outlet;
            _loop = loop;
            SetHandler(outlet, this);
        }

        public override void PreStart()
        {
            var assigned = GetAsyncCallback<IPartitionBatches<TBatch>>(partition =>
            {
                _waiting.Enqueue(partition);
                Emit();
            });
            var ended = GetAsyncCallback<Task>(task =>
            {
                if (task.Exception is { } failure)
                {
                    FailStage(failure.InnerException ?? failure);
                }
                else
                {
                    CompleteStage();
                }
            });
            _loop.Start(Log, assigned);
            _ = _loop.Completion.ContinueWith(
                ended,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }

        public override void OnPull() => Emit();

        // After a cancellation from downstream as well: batches in flight may still be done and committed.
        public override void PostStop() => _ = _loop.DrainAndStop();

        private void Emit()
        {
            if (IsAvailable(_out) && _waiting.TryDequeue(out var partition))
            {
                Push(_out, partition);
            }
        }
    }
}
