using System.Text;
using GpuActors.Core.Storage;

namespace GpuActors.Storage.Checkpoints;

/// <summary>The statements that both databases share; parameters stand by position in PostgreSQL and by name in SQLite.</summary>
internal static class CheckpointSql
{
    /// <summary>The tables of a database: <c>deploy/sql/checkpoints</c>.</summary>
    public static string Schema(string database)
    {
        using var stream = typeof(CheckpointSql).Assembly.GetManifestResourceStream($"sql/checkpoints/{database}.sql")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The pieces with their places: chunks of each part are counted from 0.</summary>
    public static IEnumerable<(CheckpointPiece Piece, int Chunk)> Chunks(IReadOnlyList<CheckpointPiece> pieces) =>
        pieces.GroupBy(piece => piece.Part).SelectMany(part => part.Select((piece, chunk) => (piece, chunk)));
}
