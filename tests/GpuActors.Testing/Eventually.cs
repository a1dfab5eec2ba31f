using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GpuActors.Testing;

/// <summary>
/// Waits for what other threads, nodes or processes do: the only place where a test polls or awaits with a limit. The time-out message
/// names the phase, which is the source text of the condition or task unless the caller passes another name, and the last observed state.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a phase may take unless the caller says otherwise. It only bounds a test that hangs: no test passes or fails by the speed
    /// of the machine, so it is far longer than any phase takes on a slow and busy one.
    /// </summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Polls until <paramref name="condition"/> is true.</summary>
    /// <param name="condition">The condition; an exception from it ends the wait.</param>
    /// <param name="state">Describes the observed state in the time-out message; null when the phase says enough.</param>
    /// <param name="limit">The longest wait; null is <see cref="Limit"/>.</param>
    /// <param name="phase">The phase that the test waits for.</param>
    /// <exception cref="TimeoutException">The condition was still false after the limit.</exception>
    public static Task Until(
        Func<bool> condition,
        Func<string>? state = null,
        TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(condition))] string phase = ""
    ) => Until(() => Task.FromResult(condition()), state, limit, phase);

    /// <summary>Polls until <paramref name="condition"/> returns true.</summary>
    /// <inheritdoc cref="Until(Func{bool}, Func{string}?, TimeSpan?, string)"/>
    public static Task Until(
        Func<Task<bool>> condition,
        Func<string>? state = null,
        TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(condition))] string phase = ""
    ) => Get(condition, holds => holds, state is null ? _ => "false" : _ => state(), limit, phase);

    /// <summary>Asks until the answer satisfies <paramref name="condition"/>, and returns that answer.</summary>
    /// <param name="ask">The question; an exception from it ends the wait.</param>
    /// <param name="condition">Whether the answer is the expected one.</param>
    /// <param name="state">Describes the last answer in the time-out message; null prints it with <c>ToString</c>.</param>
    /// <param name="limit">The longest wait; null is <see cref="Limit"/>.</param>
    /// <param name="phase">The phase that the test waits for; null is the source text of question and condition.</param>
    /// <param name="question">The compiler sets it.</param>
    /// <param name="expected">The compiler sets it.</param>
    /// <exception cref="TimeoutException">No answer satisfied the condition within the limit.</exception>
    public static async Task<T> Get<T>(
        Func<Task<T>> ask,
        Func<T, bool> condition,
        Func<T, string>? state = null,
        TimeSpan? limit = null,
        string? phase = null,
        [CallerArgumentExpression(nameof(ask))] string question = "",
        [CallerArgumentExpression(nameof(condition))] string expected = ""
    )
    {
        var longest = limit ?? Limit;
        var started = Stopwatch.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var answer = await ask();
            if (condition(answer))
            {
                return answer;
            }

            if (Stopwatch.GetElapsedTime(started) > longest)
            {
                throw new TimeoutException(
                    Message(phase ?? $"{question}, {expected}", longest, state is null ? $"{answer}" : state(answer))
                );
            }

            await Task.Delay(pause);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Awaits a task that another thread completes; its exception is thrown as it is.</summary>
    /// <param name="task">The task.</param>
    /// <param name="state">Describes the observed state in the time-out message; null prints the status of the task.</param>
    /// <param name="limit">The longest wait; null is <see cref="Limit"/>.</param>
    /// <param name="phase">The phase that the test waits for.</param>
    /// <exception cref="TimeoutException">The task was not complete after the limit.</exception>
    public static async Task Completes(
        this Task task,
        Func<string>? state = null,
        TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(task))] string phase = ""
    )
    {
        try
        {
            await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException(Message(phase, limit ?? Limit, state is null ? $"the task is {task.Status}" : state()));
        }

        // The test must not go on within the thread that completed the task: it may be an actor's, and the test may dispose its system.
        await Task.Yield();
    }

    /// <summary>Awaits the result of a task that another thread completes; its exception is thrown as it is.</summary>
    /// <inheritdoc cref="Completes(Task, Func{string}?, TimeSpan?, string)"/>
    public static async Task<T> Completes<T>(
        this Task<T> task,
        Func<string>? state = null,
        TimeSpan? limit = null,
        [CallerArgumentExpression(nameof(task))] string phase = ""
    )
    {
        await Completes((Task)task, state, limit, phase);
        return await task;
    }

    private static string Message(string phase, TimeSpan limit, string state) =>
        $"Timed out after {limit.TotalSeconds} s waiting for: {phase}. Last state: {state}.";
}
