return GpuActors.Fuzzing.FuzzCommand.Run(args);
