using Google.Protobuf;

namespace GpuActors.Prediction.Tests;

/// <summary>
/// Creates minimal ONNX models directly in Protobuf (field numbers of onnx.proto3), so that the tests need no file and no converter.
/// </summary>
internal static class OnnxBytes
{
    private const int FloatType = 1;

    /// <summary>Creates a linear model: score = rows x weights + bias, one output per row.</summary>
    public static byte[] Linear(float[] weights, float bias)
    {
        var graph = Message(
            Sub(1, Message(Text(1, "rows"), Text(1, "w"), Text(2, "product"), Text(4, "MatMul"))),
            Sub(1, Message(Text(1, "product"), Text(1, "b"), Text(2, "score"), Text(4, "Add"))),
            Text(2, "linear"),
            Sub(5, Tensor("w", [weights.Length, 1], weights)),
            Sub(5, Tensor("b", [1], [bias])),
            Sub(11, Value("rows", null, weights.Length)),
            Sub(12, Value("score", null, 1))
        );
        return Message(Number(1, 8), Sub(7, graph), Sub(8, Message(Number(2, 13))));
    }

    private static byte[] Tensor(string name, int[] dims, float[] data) =>
        Message([
            .. dims.Select(d => Number(1, d)),
            Number(2, FloatType),
            Text(8, name),
            Sub(9, data.SelectMany(BitConverter.GetBytes).ToArray()),
        ]);

    private static byte[] Value(string name, int? rows, int columns)
    {
        var shape = Message(Sub(1, rows is { } r ? Message(Number(1, r)) : Message(Text(2, "n"))), Sub(1, Message(Number(1, columns))));
        return Message(Text(1, name), Sub(2, Message(Sub(1, Message(Number(1, FloatType), Sub(2, shape))))));
    }

    private static Action<CodedOutputStream> Text(int field, string value) =>
        o =>
        {
            o.WriteTag(field, WireFormat.WireType.LengthDelimited);
            o.WriteString(value);
        };

    private static Action<CodedOutputStream> Number(int field, long value) =>
        o =>
        {
            o.WriteTag(field, WireFormat.WireType.Varint);
            o.WriteInt64(value);
        };

    private static Action<CodedOutputStream> Sub(int field, byte[] message) =>
        o =>
        {
            o.WriteTag(field, WireFormat.WireType.LengthDelimited);
            o.WriteBytes(ByteString.CopyFrom(message));
        };

    private static byte[] Message(params Action<CodedOutputStream>[] fields)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            foreach (var field in fields)
            {
                field(output);
            }
        }

        return buffer.ToArray();
    }
}
