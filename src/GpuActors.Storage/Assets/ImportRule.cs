namespace GpuActors.Storage.Assets;

/// <summary>What an import does to a column of a row that is in the database already.</summary>
internal enum ImportRule
{
    /// <summary>The column is a part of the primary key.</summary>
    Key,

    /// <summary>The imported value replaces the stored one.</summary>
    Replace,

    /// <summary>The imported value replaces the stored one unless it is null.</summary>
    ReplaceUnlessNull,

    /// <summary>The imported value is stored only where there is none.</summary>
    KeepUnlessNull,
}
