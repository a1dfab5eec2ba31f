using System.Runtime.InteropServices;
using System.Text;

namespace GpuActors.Learning.Training;

/// <summary>The functions of LightGBM's C interface (<c>c_api.h</c> of version 4) that the trainer uses.</summary>
internal static class LightGbmNative
{
    public const int Float32 = 0;
    public const int PredictNormal = 0;
    public const int PredictRaw = 1;
    public const int PredictContributions = 3;
    private const string Library = "lib_lightgbm";

    private static readonly Lazy<string?> LoadProblem = new(Load);

    /// <summary>Why the library cannot be loaded, with the remedy; null if it can.</summary>
    public static string? Problem => LoadProblem.Value;

    /// <summary>Throws what the library says about its last error on this thread.</summary>
    public static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"LightGBM: {Marshal.PtrToStringUTF8(LGBM_GetLastError())}");
        }
    }

    private static string? Load()
    {
        try
        {
            _ = LGBM_GetLastError();
            return null;
        }
        catch (DllNotFoundException e)
        {
            // It needs the OpenMP runtime of GCC, which small images lack.
            return $"LightGBM's native library cannot be loaded (on Debian and Ubuntu install libgomp1): {e.Message.Split('\n')[0]}";
        }
    }

    /// <summary>A text as the library takes it: UTF-8 that ends with 0.</summary>
    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint LGBM_GetLastError();

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_DatasetCreateFromMat(
        float[] data,
        int type,
        int rows,
        int columns,
        int isRowMajor,
        byte[] parameters,
        nint reference,
        out nint dataset
    );

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_DatasetSetField(nint dataset, byte[] field, float[] data, int count, int type);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_DatasetSetFeatureNames(nint dataset, nint[] names, int count);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_DatasetFree(nint dataset);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterCreate(nint dataset, byte[] parameters, out nint booster);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterLoadModelFromString(byte[] model, out int iterations, out nint booster);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterFree(nint booster);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterGetNumClasses(nint booster, out int classes);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterUpdateOneIter(nint booster, out int isFinished);

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterSaveModelToString(
        nint booster,
        int firstIteration,
        int iterations,
        int importance,
        long capacity,
        out long length,
        byte[] text
    );

    [DllImport(Library)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LGBM_BoosterPredictForMat(
        nint booster,
        float[] data,
        int type,
        int rows,
        int columns,
        int isRowMajor,
        int what,
        int firstIteration,
        int iterations,
        byte[] parameters,
        out long length,
        double[] result
    );
}
