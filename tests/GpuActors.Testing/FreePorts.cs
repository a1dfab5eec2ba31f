using System.Net;
using System.Net.Sockets;

namespace GpuActors.Testing;

/// <summary>Loopback ports for servers that must be told theirs before they start.</summary>
public static class FreePorts
{
    /// <summary>
    /// Different ports, each free now and outside the usual ephemeral range, so that no client socket takes it before the server does.
    /// </summary>
    public static int[] Take(int count)
    {
        var taken = new HashSet<int>();
        while (taken.Count < count)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                taken.Add(port);
            }
            catch (SocketException)
            {
                // In use: try another.
            }
        }

        return [.. taken];
    }
}
