namespace GpuActors.Learning.Training;

/// <summary>How a <see cref="HorizonModel"/> is trained.</summary>
public sealed record HorizonTrainingSettings
{
    /// <summary>Settings of each part.</summary>
    public BoosterSettings Booster { get; init; } = new();

    /// <summary>The last so many cuts of a part are used for calibration, at least 1.</summary>
    public int CalibrationCuts { get; init; } = 13;

    /// <summary>One of so many rows without a failure is used to train, with that weight; at least 1.</summary>
    public int RowsPerSurvivor { get; init; } = 1;

    /// <summary>Rows with a failure that a part needs at least, an assumption: with fewer, trees follow single GPUs.</summary>
    public int MinimumFailures { get; init; } = 50;

    /// <summary>What removed GPUs count as.</summary>
    public RemovalTreatment Removals { get; init; } = RemovalTreatment.LeavesRiskSet;
}
