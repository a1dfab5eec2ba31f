namespace GpuActors.Host.Configuration;

/// <summary>Finds what a person probably meant.</summary>
internal static class NearestText
{
    /// <summary>
    /// The candidate with the smallest edit distance; a shared last name counts, since sections are forgotten more often than keys.
    /// </summary>
    public static string Of(string text, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => (Distance(text, candidate) - (LastName(text) == LastName(candidate) ? 8 : 0), candidate)) ?? "none";

    private static string LastName(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
