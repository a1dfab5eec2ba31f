using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using GpuActors.Learning.Onnx.Format;
using GpuActors.Learning.Trees;
using AttributeType = GpuActors.Learning.Onnx.Format.AttributeProto.Types.AttributeType;
using DataType = GpuActors.Learning.Onnx.Format.TensorProto.Types.DataType;

namespace GpuActors.Learning.Onnx;

/// <summary>
/// Builds one ONNX model. Each method adds nodes and returns the name of their result, which further nodes take as input; several ensembles
/// can stand in one graph. All tensors are float32 of shape <c>[rows, columns]</c>, unless a method says otherwise. The same calls give
/// the same bytes.
/// </summary>
public sealed class OnnxGraphBuilder
{
    /// <summary>Version of the operators of the default domain.</summary>
    public const int OperatorSet = 17;

    /// <summary>Version of the operators of the domain <c>ai.onnx.ml</c>, the last in which TreeEnsembleRegressor is current.</summary>
    public const int MachineLearningOperatorSet = 3;

    private const int FormatVersion = 8;
    private const string MachineLearningDomain = "ai.onnx.ml";
    private readonly GraphProto _graph;
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Starts an empty graph.</summary>
    /// <param name="name">Name of the graph.</param>
    public OnnxGraphBuilder(string name) => _graph = new GraphProto { Name = name };

    /// <summary>Declares the model's input of shape <c>[rows, features]</c>.</summary>
    /// <param name="name">Name of the input.</param>
    /// <param name="features">Number of features, at least 1.</param>
    public string Input(string name, int features)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        _graph.Input.Add(Value(New(name), features));
        return name;
    }

    /// <summary>Declares a result as an output of the model, in the order of the calls.</summary>
    /// <param name="name">Name of the output.</param>
    /// <param name="result">The result; it may be the input too.</param>
    /// <param name="columns">Its number of columns.</param>
    public void Output(string name, string result, int columns)
    {
        Node("Identity", [result], name);
        _graph.Output.Add(Value(name, columns));
    }

    /// <summary>Sets a text that the model carries (ONNX <c>metadata_props</c>).</summary>
    public void Metadata(string key, string value) => _metadata[key] = value;

    /// <summary>Adds any operator of the default domain with one result.</summary>
    /// <param name="operation">Its ONNX name, such as <c>Mul</c>.</param>
    /// <param name="inputs">Results or constants; an empty name leaves an optional input out.</param>
    /// <param name="result">Name of the result; null for a generated one.</param>
    /// <param name="attributes">Integer attributes.</param>
    public string Node(
        string operation,
        IEnumerable<string> inputs,
        string? result = null,
        params (string Name, long Value)[] attributes
    ) => Add("", operation, inputs, result, [.. attributes.Select(a => Int(a.Name, a.Value))]);

    /// <summary>A constant of shape <c>[1, values]</c>, which combines with every row.</summary>
    public string Constant(params ReadOnlySpan<float> values) => Tensor(Row(values, DataType.Float, values.Length));

    /// <summary>A constant without dimensions, as bounds of <see cref="Clip"/> are.</summary>
    public string Scalar(float value) => Tensor(new TensorProto { DataType = (int)DataType.Float, RawData = Raw<float>([value]) });

    /// <summary>Product of two results.</summary>
    public string Mul(string a, string b) => Node("Mul", [a, b]);

    /// <summary>Sum of two results.</summary>
    public string Sum(string a, string b) => Node("Add", [a, b]);

    /// <summary>First result minus the second.</summary>
    public string Sub(string a, string b) => Node("Sub", [a, b]);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public string Sigmoid(string x) => Node("Sigmoid", [x]);

    /// <summary>exp(x).</summary>
    public string Exp(string x) => Node("Exp", [x]);

    /// <summary>x limited to a range; NaN stays NaN.</summary>
    public string Clip(string x, float from, float to) => Node("Clip", [x, Scalar(from), Scalar(to)]);

    /// <summary>The columns of all results side by side.</summary>
    public string Concat(params IEnumerable<string> results) => Node("Concat", results, null, ("axis", 1));

    /// <summary>The features as a pipeline's scaler gives them to its model.</summary>
    /// <param name="features">Result with one column per mean of the scaler.</param>
    /// <param name="scaler">The scaler.</param>
    public string Scale(string features, FeatureScaler scaler)
    {
        ArgumentNullException.ThrowIfNull(scaler);
        var wide = Node("Cast", [features], null, ("to", (long)DataType.Double));
        var means = Tensor(Row<double>(scaler.Means.AsSpan(), DataType.Double, scaler.Means.Length));
        var deviations = Tensor(Row<double>(scaler.Deviations.AsSpan(), DataType.Double, scaler.Deviations.Length));
        var scaled = Node("Div", [Node("Sub", [wide, means]), deviations]);
        return Node("Cast", [scaled], null, ("to", (long)DataType.Float));
    }

    /// <summary>Adds the trees of an ensemble.</summary>
    /// <param name="features">Result with one column per feature; NaN is missing.</param>
    /// <param name="ensemble">The ensemble.</param>
    /// <param name="result">Name of the result; null for a generated one.</param>
    /// <returns>The margins, one column per target.</returns>
    public string Margins(string features, TreeEnsemble ensemble, string? result = null)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        var nodes = TreeAttributes.Of(ensemble);
        if (ensemble.Sum == TreeSum.Single)
        {
            return Add(MachineLearningDomain, "TreeEnsembleRegressor", [features], result, nodes);
        }

        var wide = Node("Cast", [features], null, ("to", (long)DataType.Double));
        return Add(MachineLearningDomain, "TreeEnsembleRegressor", [wide], result, nodes);
    }

    /// <summary>The predictions that follow from an ensemble's margins.</summary>
    /// <param name="margins">Result of <see cref="Margins"/>.</param>
    /// <param name="link">The ensemble's link.</param>
    /// <param name="scale">The ensemble's factor of the margin.</param>
    public string Predictions(string margins, TreeLink link, double scale = 1)
    {
        var scaled = scale == 1 ? margins : Mul(margins, Constant((float)scale));
        return link switch
        {
            TreeLink.Logistic => Sigmoid(scaled),
            TreeLink.Exponential => Exp(scaled),
            TreeLink.Softmax => Node("Softmax", [scaled], null, ("axis", 1)),
            _ => scaled,
        };
    }

    /// <summary>The bytes of the <c>.onnx</c> file.</summary>
    public byte[] Build()
    {
        var model = new ModelProto
        {
            IrVersion = FormatVersion,
            ProducerName = "GpuActors",
            Graph = _graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = MachineLearningDomain, Version = MachineLearningOperatorSet });
        model.MetadataProps.Add(_metadata.Select(m => new StringStringEntryProto { Key = m.Key, Value = m.Value }));
        return model.ToByteArray();
    }

    internal static AttributeProto Int(string name, long value) =>
        new()
        {
            Name = name,
            I = value,
            Type = AttributeType.Int,
        };

    internal static AttributeProto Ints(string name, IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    internal static AttributeProto Floats(string name, IEnumerable<float> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Floats };
        attribute.Floats.Add(values);
        return attribute;
    }

    internal static AttributeProto Doubles(string name, double[] values) =>
        new()
        {
            Name = name,
            Type = AttributeType.Tensor,
            T = new TensorProto
            {
                Dims = { values.Length },
                DataType = (int)DataType.Double,
                RawData = Raw<double>(values),
            },
        };

    internal static AttributeProto Strings(string name, IEnumerable<string> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeType.Strings };
        attribute.Strings.Add(values.Select(ByteString.CopyFromUtf8));
        return attribute;
    }

    private string Add(string domain, string operation, IEnumerable<string> inputs, string? result, IEnumerable<AttributeProto> attributes)
    {
        var name = New(result ?? Generated(operation));
        var node = new NodeProto
        {
            Name = name,
            OpType = operation,
            Domain = domain,
        };
        node.Input.Add(inputs);
        node.Output.Add(name);
        node.Attribute.Add(attributes);
        foreach (var input in node.Input)
        {
            if (input.Length > 0 && !_names.Contains(input))
            {
                throw new ArgumentException($"'{input}' is no result of this graph: add the node that gives it first", nameof(inputs));
            }
        }

        _graph.Node.Add(node);
        return name;
    }

    private string Tensor(TensorProto tensor)
    {
        tensor.Name = New(Generated("constant"));
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string New(string name) =>
        _names.Add(name) ? name : throw new ArgumentException($"The graph already has a result '{name}'", nameof(name));

    private string Generated(string kind) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{_names.Count}");

    private static TensorProto Row<T>(ReadOnlySpan<T> values, DataType type, int columns)
        where T : unmanaged =>
        new()
        {
            Dims = { 1, columns },
            DataType = (int)type,
            RawData = Raw(values),
        };

    // All platforms that .NET 10 runs on store numbers in little-endian, as ONNX wants them.
    private static ByteString Raw<T>(ReadOnlySpan<T> values)
        where T : unmanaged => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));

    private static ValueInfoProto Value(string name, int columns) =>
        new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)DataType.Float,
                    Shape = new TensorShapeProto
                    {
                        Dim =
                        {
                            new TensorShapeProto.Types.Dimension { DimParam = "rows" },
                            new TensorShapeProto.Types.Dimension { DimValue = columns },
                        },
                    },
                },
            },
        };
}
