namespace GpuActors.Simulation.Failures;

/// <summary>The counters and flags of a GPU at the end of an hour.</summary>
internal struct HourCounters
{
    // The bank that decays takes most of a GPU's remapped rows. It has eight spare ones; further rows are another bank's.
    private const int SpareRows = 8;
    private const int Banks = 2560;

    /// <summary>Corrected errors beyond the profile's, since driver load and of the whole life.</summary>
    public int Sbe,
        SbeOfLife;

    public int Dbe,
        DbeOfLife,
        SramDbe,
        CorrectableRows,
        UncorrectableRows,
        PcieReplays,
        NvlinkCrc,
        NvlinkReplays,
        NvlinkRecoveries;

    public bool IsPending;

    public void Add(in HourConditions hour)
    {
        Sbe += hour.Sbe;
        SbeOfLife += hour.Sbe;
        PcieReplays += hour.PcieReplays;
        NvlinkCrc += hour.NvlinkCrc;
        NvlinkReplays += hour.NvlinkReplays;
        NvlinkRecoveries += hour.NvlinkRecoveries;
    }

    public void Add(in MemoryEvent memory, bool remaps)
    {
        Dbe += memory.DramDbe + memory.SramDbe;
        DbeOfLife += memory.DramDbe + memory.SramDbe;
        SramDbe += memory.SramDbe;
        CorrectableRows += memory.CorrectableRows;
        UncorrectableRows += memory.UncorrectableRows;
        IsPending |= remaps && memory.CorrectableRows + memory.UncorrectableRows > 0;
    }

    /// <summary>The driver was loaded anew.</summary>
    public void Reset()
    {
        Sbe = Dbe = PcieReplays = NvlinkCrc = NvlinkReplays = NvlinkRecoveries = 0;
        IsPending = false;
    }

    /// <summary>Number of banks by spare rows: all, most, some, few, none.</summary>
    public readonly (int Max, int High, int Partial, int Low, int None) BankHistogram
    {
        get
        {
            var rows = CorrectableRows + UncorrectableRows;
            var (none, left) = (rows / SpareRows, rows % SpareRows);
            var (high, partial, low) = (left == 1 ? 1 : 0, left is >= 2 and <= 5 ? 1 : 0, left >= 6 ? 1 : 0);
            return (Banks - none - high - partial - low, high, partial, low, none);
        }
    }
}
