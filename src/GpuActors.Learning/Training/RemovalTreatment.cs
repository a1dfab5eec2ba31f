namespace GpuActors.Learning.Training;

/// <summary>What a GPU that was removed without a failure within a horizon counts as.</summary>
public enum RemovalTreatment
{
    /// <summary>As one that did not fail.</summary>
    NoFailure,

    /// <summary>As unknown: the row leaves the risk set of this part and the later ones.</summary>
    LeavesRiskSet,
}
