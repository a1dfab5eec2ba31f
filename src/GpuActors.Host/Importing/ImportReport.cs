using System.Globalization;
using GpuActors.Core.Storage;
using GpuActors.Host.Cli;

namespace GpuActors.Host.Importing;

/// <summary>What an import prints about a table.</summary>
internal static class ImportReport
{
    public static void Line(Terminal terminal, string table, ImportCount count) =>
        terminal.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{table, -12} {count.New} new, {count.Changed} changed, {count.Unchanged} unchanged"
            )
        );
}
