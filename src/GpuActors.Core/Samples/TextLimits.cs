namespace GpuActors.Core.Samples;

/// <summary>
/// The maximum length of every text that a record may bring, in UTF-16 characters. Texts come from records of anybody and go on into
/// states, labels, alerts and pages, so that one without a limit would cost memory in all of them and could make an alert that no broker
/// accepts. A longer text is cut where it enters a <see cref="GpuInfo"/>, a label or an alert, and ends with an ellipsis: the sample is
/// worth more than the end of a name. Ids are not cut but rejected (<see cref="GpuId.MaxLength"/>), since two of them could become one.
/// </summary>
public static class TextLimits
{
    /// <summary>Host: the longest DNS name.</summary>
    public const int Host = 253;

    /// <summary>Product name: NVML's buffer for it has 96 bytes.</summary>
    public const int Model = 128;

    /// <summary>PCI bus id: NVML's buffer for it has 32 bytes.</summary>
    public const int PciBusId = 32;

    /// <summary>Driver version: NVML's buffer for it has 80 bytes.</summary>
    public const int Driver = 80;

    /// <summary>Namespace, pod or container: a Kubernetes name has at most 253 characters, and several may share a GPU.</summary>
    public const int Workload = 1_024;

    /// <summary>Line of a kernel log, without its prefix: the kernel's limit for a line.</summary>
    public const int LogMessage = 1_024;

    /// <summary>Name of a label or of a rule, and an action.</summary>
    public const int Name = 128;

    /// <summary>Value of a label.</summary>
    public const int Label = 1_024;

    /// <summary>Summary of an alert: a sentence, which may quote a line of a kernel log.</summary>
    public const int Summary = 2_048;

    /// <summary>Anchor or address of a runbook.</summary>
    public const int Runbook = 512;

    /// <summary>Most labels of an alert.</summary>
    public const int Labels = 64;

    /// <summary>A text that is not valid, quoted in a message.</summary>
    public const int Quoted = 64;

    private const char Ellipsis = '…';

    /// <summary>The text, at most <paramref name="max"/> characters; a longer one is cut and ends with an ellipsis.</summary>
    public static string Cut(string text, int max)
    {
        if (text is null || text.Length <= max)
        {
            return text!;
        }

        var length = char.IsHighSurrogate(text[max - 2]) ? max - 2 : max - 1;
        return string.Concat(text.AsSpan(0, length), [Ellipsis]);
    }

    /// <summary>The beginning of a text that is not valid, for a message about it.</summary>
    public static string Quote(string text) => Cut(text, Quoted);
}
