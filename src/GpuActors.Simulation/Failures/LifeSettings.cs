using GpuActors.Simulation.Fleet;

namespace GpuActors.Simulation.Failures;

/// <summary>Size, time and product of a fleet that is simulated in hours.</summary>
public sealed record LifeSettings
{
    /// <summary>Number of places for a GPU, 1 to 100,000. Default 10,000.</summary>
    public int Gpus { get; init; } = 10_000;

    /// <summary>Length in hours, 1 to 87,600. Default 13,140: 18 months.</summary>
    public int Hours { get; init; } = 13_140;

    /// <summary>
    /// Start in Unix milliseconds, a full hour. Hour 0 of the simulation begins here. Default 2025-01-01 00:00 UTC.
    /// </summary>
    public long StartMs { get; init; } = 1_735_689_600_000;

    /// <summary>Seed of all random numbers. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Product of all GPUs. Default H100.</summary>
    public GpuProduct Product { get; init; } = GpuProduct.H100;

    /// <summary>How GPUs fail.</summary>
    public FailureParameters Failures { get; init; } = new();

    /// <summary>Checks the ranges.</summary>
    /// <returns>The errors, each with key, value and remedy; empty if the settings are valid.</returns>
    public IEnumerable<string> Validate()
    {
        if (Gpus is < 1 or > 100_000)
        {
            yield return $"gpus = {Gpus}: must be from 1 to 100000";
        }

        if (Hours is < 1 or > 87_600)
        {
            yield return $"hours = {Hours}: must be from 1 to 87600";
        }

        if (StartMs < 0 || StartMs % 3_600_000 != 0)
        {
            yield return $"start = {StartMs}: must be a full hour in Unix milliseconds";
        }

        foreach (var error in Failures.Validate())
        {
            yield return error;
        }
    }
}
