using GpuActors.Core.Rules;

namespace GpuActors.Core.Gpus;

/// <summary>An alert of a rule with one alert per code: the rule and the code. Ordered by code, then by the id of the rule.</summary>
internal readonly record struct CodeKey(Rule Rule, int Code) : IComparable<CodeKey>
{
    public int CompareTo(CodeKey other) => Code != other.Code ? Code.CompareTo(other.Code) : string.CompareOrdinal(Rule.Id, other.Rule.Id);
}
