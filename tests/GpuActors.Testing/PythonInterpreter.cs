using System.Diagnostics;

namespace GpuActors.Testing;

/// <summary>A Python that has a module which tests compare with. <c>GPUACTORS_PYTHON</c> names it; else the usual ones are tried.</summary>
public sealed class PythonInterpreter
{
    private readonly string _path;

    private PythonInterpreter(string path) => _path = path;

    /// <summary>The first interpreter that imports the module; null if there is none.</summary>
    public static PythonInterpreter? With(string module) =>
        new[] { Environment.GetEnvironmentVariable("GPUACTORS_PYTHON"), "/usr/bin/python3", "python3" }
            .OfType<string>()
            .Where(path => path.Length > 0)
            .Select(path => new PythonInterpreter(path))
            .FirstOrDefault(python => python.Run("-c", $"import {module}").Code == 0);

    /// <summary>Runs the interpreter to its end.</summary>
    /// <returns>Exit code, and both outputs.</returns>
    public (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(_path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
