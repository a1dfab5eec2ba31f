using System.Text;

namespace GpuActors.Host.Configuration;

/// <summary>Names of settings to names of keys: <c>MaxBatchRows</c> is <c>max-batch-rows</c>.</summary>
internal static class KebabCase
{
    public static string Of(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            // A new word starts at a capital after a small letter or digit, and at the last capital of a run (HTTPPort: http-port).
            if (char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
