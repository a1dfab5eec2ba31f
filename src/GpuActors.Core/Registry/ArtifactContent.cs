namespace GpuActors.Core.Registry;

/// <summary>A file to be stored with a training run.</summary>
/// <param name="Path">Relative path with <c>/</c>, such as <c>model/model.onnx</c>; unique within the run.</param>
/// <param name="MediaType">Media type, such as <c>text/html</c>.</param>
/// <param name="Content">The bytes; at most <see cref="RegistryLimits.MaxContentBytes"/>.</param>
public sealed record ArtifactContent(string Path, string MediaType, byte[] Content);
