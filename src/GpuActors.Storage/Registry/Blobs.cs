using System.Security.Cryptography;
using GpuActors.Core.Registry;

namespace GpuActors.Storage.Registry;

/// <summary>Contents by their SHA-256: <c>registry_blobs</c>.</summary>
internal static class Blobs
{
    /// <summary>Stores a content unless it is there.</summary>
    /// <returns>Its SHA-256.</returns>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static async Task<string> AddAsync(RegistryTransaction transaction, string what, byte[] content)
    {
        if (content.Length > RegistryLimits.MaxContentBytes)
        {
            throw new ArgumentException(
                $"{what} has {content.Length} bytes: the registry takes up to {RegistryLimits.MaxContentBytes}: keep it in a file"
            );
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        await transaction
            .ExecuteAsync(
                "insert into registry_blobs (sha256, size, content) values (@sha256, @size, @content) on conflict (sha256) do nothing",
                ("@sha256", sha256),
                ("@size", (long)content.Length),
                ("@content", content)
            )
            .ConfigureAwait(false);
        return sha256;
    }

    /// <summary>Checks that a content is what was stored.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static byte[] Checked(string what, string sha256, byte[] content) =>
        Convert.ToHexStringLower(SHA256.HashData(content)) == sha256
            ? content
            : throw new InvalidDataException(
                $"{what}: the database does not hold what was stored (SHA-256 {sha256}): restore registry_blobs from a backup, or register "
                    + "the model again"
            );
}
