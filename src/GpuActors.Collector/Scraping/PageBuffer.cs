namespace GpuActors.Collector.Scraping;

/// <summary>Holds the bytes of one page. It grows to the largest page seen, up to the limit, and is reused.</summary>
/// <param name="limit">Largest page in bytes.</param>
internal sealed class PageBuffer(int limit)
{
    private byte[] _bytes = new byte[Math.Min(limit, 64 * 1024)];

    /// <summary>Bytes of the last page.</summary>
    public ReadOnlySpan<byte> Page => _bytes.AsSpan(0, Length);

    /// <summary>Number of bytes of the last page.</summary>
    public int Length { get; private set; }

    /// <summary>Reads a page to its end.</summary>
    /// <returns>Why the page is truncated; null when it is complete.</returns>
    public async Task<string?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        Length = 0;
        try
        {
            while (true)
            {
                if (Length == _bytes.Length)
                {
                    if (Length == limit)
                    {
                        return $"the page is larger than {limit} bytes: raise collector.max-page-bytes";
                    }

                    Array.Resize(ref _bytes, (int)Math.Min(limit, _bytes.Length * 2L));
                }

                var read = await stream.ReadAsync(_bytes.AsMemory(Length), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    return null;
                }

                Length += read;
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            // The complete lines before the truncation are still used.
            return $"the page was truncated after {Length} bytes: {e.Message}";
        }
    }
}
