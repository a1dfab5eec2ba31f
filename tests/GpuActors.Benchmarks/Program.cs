if (args is ["kafka-consume", var bootstrap, var topic, var records])
{
    // Needs a broker and a preloaded topic, so it is no BenchmarkDotNet run.
    await GpuActors.Benchmarks.KafkaConsumeBenchmark.RunAsync(
        bootstrap,
        topic,
        long.Parse(records, System.Globalization.CultureInfo.InvariantCulture)
    );
    return 0;
}

if (args is ["checkpoint", .. var gpus])
{
    GpuActors.Benchmarks.CheckpointBenchmark.Run(
        gpus is [var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 16
    );
    return 0;
}

if (args is ["fast-forward"] or ["fast-forward", _, _])
{
    GpuActors.Benchmarks.FastForwardBenchmark.Run(
        args is [_, var places, _] ? int.Parse(places, System.Globalization.CultureInfo.InvariantCulture) : 10_000,
        args is [_, _, var length] ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 13_140
    );
    return 0;
}

if (args is ["checkpoint-fleet", "write" or "restore", var fleetSize, var connection])
{
    return await GpuActors.Benchmarks.FleetCheckpointBenchmark.RunAsync(
        args[1],
        int.Parse(fleetSize, System.Globalization.CultureInfo.InvariantCulture),
        connection
    );
}

BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
