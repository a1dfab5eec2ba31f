using GpuActors.Core.Samples;

namespace GpuActors.Engine.Protocol;

/// <summary>The wire form of <see cref="GpuInfo"/> inside other messages.</summary>
internal static class GpuInfoCodec
{
    public static void Write(BinaryWriter writer, GpuInfo info)
    {
        writer.Write(info.Host);
        writer.Write7BitEncodedInt(info.Index + 1); // An unknown index is -1.
        writer.Write(info.PciBusId);
        writer.Write(info.Model);
        writer.Write(info.Driver);
        writer.Write(info.Workload is not null);
        if (info.Workload is { } workload)
        {
            writer.Write(workload.Namespace);
            writer.Write(workload.Pod);
            writer.Write(workload.Container);
        }
    }

    public static GpuInfo Read(BinaryReader reader)
    {
        var host = reader.ReadString();
        var index = reader.Read7BitEncodedInt() - 1;
        return new GpuInfo(host, index, reader.ReadString(), reader.ReadString(), reader.ReadString())
        {
            Workload = reader.ReadBoolean() ? new Workload(reader.ReadString(), reader.ReadString(), reader.ReadString()) : null,
        };
    }
}
