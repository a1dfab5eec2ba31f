using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GpuActors.Core.Samples;

namespace GpuActors.Core.Alerts;

/// <summary>Ids of alerts: the same GPU, rule and opening time always give the same id, so a replay publishes nothing new.</summary>
public static class AlertIds
{
    /// <summary>32 hexadecimal digits: the first half of a SHA-256.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="rule">Id of the rule.</param>
    /// <param name="discriminator">What tells alerts of one rule apart (an XID's code); empty where there is one at a time.</param>
    /// <param name="openedAtMs">Sample time at which it opened, Unix milliseconds.</param>
    public static string Of(GpuId gpu, string rule, string discriminator, long openedAtMs)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{gpu.Value}|{rule}|{discriminator}|{openedAtMs}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
