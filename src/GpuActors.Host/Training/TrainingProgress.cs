using GpuActors.Learning.Training;
using Spectre.Console;

namespace GpuActors.Host.Training;

/// <summary>Progress bars of a training on a terminal; elsewhere nothing.</summary>
internal sealed class TrainingProgress : IDisposable
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _display = Task.CompletedTask;
    private readonly ProgressTask? _simulated;
    private readonly ProgressTask[] _parts = [];
    private readonly ProgressTask? _tested;

    public TrainingProgress(bool isShown, int trees)
    {
        if (!isShown)
        {
            return;
        }

        var ready = new TaskCompletionSource<ProgressTask[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _display = AnsiConsole
            .Progress()
            .StartAsync(async context =>
            {
                ready.SetResult([
                    context.AddTask("fleet to learn from", maxValue: 1),
                    .. Horizons.Days.Select(days => context.AddTask($"{days} d", maxValue: trees)),
                    context.AddTask("fleet to judge by", maxValue: 1),
                ]);
                await _done.Task.ConfigureAwait(false);
            });
        var tasks = ready.Task.GetAwaiter().GetResult();
        (_simulated, _parts, _tested) = (tasks[0], tasks[1..^1], tasks[^1]);
    }

    public void Simulated(double share) => Set(_simulated, share);

    public void Trained(int part, int trees)
    {
        if (part < _parts.Length)
        {
            _parts[part].Value = trees;
        }
    }

    public void Tested(double share) => Set(_tested, share);

    public void Dispose()
    {
        _ = _done.TrySetResult();
        _display.GetAwaiter().GetResult();
    }

    private static void Set(ProgressTask? task, double share)
    {
        if (task is not null)
        {
            task.Value = share;
        }
    }
}
