using GpuActors.Host.Cli;

var terminal = Terminal.OfProcess();
using var signal = new StopSignal(terminal);
return await CommandLine.RunAsync(args, terminal, signal.Token).ConfigureAwait(false);
