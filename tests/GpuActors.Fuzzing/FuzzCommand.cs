using System.Diagnostics;
using System.Globalization;

namespace GpuActors.Fuzzing;

/// <summary>
/// Feeds damaged inputs to every decoder: <c>[--iterations 1000000] [--seed 1]</c>. The same seed gives the same inputs in the same
/// order. The run ends with exit code 1 at the first input that violates an invariant, and prints that input.
/// </summary>
internal static class FuzzCommand
{
    // A registry never removes the ids of damaged inputs, so it is replaced periodically to bound memory.
    private const int RenewEvery = 50_000;

    /// <summary>Parses the arguments and runs the targets.</summary>
    /// <returns>The exit code: 0 without a violation, 1 with one, 2 when an argument is wrong.</returns>
    public static int Run(string[] args)
    {
        long iterations = 1_000_000,
            seed = 1;
        for (var i = 0; i < args.Length; i += 2)
        {
            if (
                i + 1 == args.Length
                || args[i] is not ("--iterations" or "--seed")
                || !long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            )
            {
                Console.Error.WriteLine(
                    $"'{string.Join(' ', args.AsSpan(i))}': must be --iterations N or --seed N, where N is a whole number from 0 on"
                );
                return 2;
            }

            (iterations, seed) = args[i] == "--seed" ? (iterations, number) : (number, seed);
        }

        return Fuzz(iterations, (int)(seed % int.MaxValue));
    }

    private static int Fuzz(long iterations, int seed)
    {
        FuzzTarget[] targets =
        [
            RecordTarget.Json(),
            RecordTarget.Nested(),
            RecordTarget.Protobuf(),
            new PageTarget(),
            new AlertTarget(),
            new KernelLogTarget(),
            new KernelLogRecordTarget(),
            new ModelTarget(),
        ];
        var outcomes = targets.Select(_ => new SortedDictionary<string, long>(StringComparer.Ordinal)).ToArray();
        var random = new Random(seed);
        var mutator = new Mutator(random);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0L; i < iterations; i++)
        {
            var at = (int)(i % targets.Length);
            if (i % RenewEvery < targets.Length)
            {
                targets[at].Renew();
            }

            var input = mutator.Next(targets[at].Seeds);
            try
            {
                var outcome = targets[at].Run(input, random);
                outcomes[at][outcome] = outcomes[at].GetValueOrDefault(outcome) + 1;
            }
            catch (Exception e)
            {
                // Any exception of a decoder is a violation.
                Console.Error.WriteLine(
                    $"{targets[at].Name}, --seed {seed}, iteration {i}: {(e is FuzzViolationException ? e.Message : e)}\ninput "
                        + $"({input.Length} bytes): {Convert.ToHexStringLower(input)}"
                );
                return 1;
            }
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        for (var i = 0; i < targets.Length; i++)
        {
            Console.WriteLine(
                $"{targets[i].Name}: {string.Join(", ", outcomes[i].OrderByDescending(o => o.Value).Select(o => $"{o.Value} {o.Key}"))}"
            );
        }

        Console.WriteLine($"{iterations} inputs, seed {seed}, no violation; {iterations / seconds:F0} inputs/s");
        return 0;
    }
}
