namespace GpuActors.Core.Registry;

/// <summary>A file that a training run has left, without its content.</summary>
/// <param name="Path">Relative path with <c>/</c>, such as <c>model/model.onnx</c>; unique within the run.</param>
/// <param name="MediaType">Media type, such as <c>text/html</c>.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Sha256">SHA-256 of the content, as 64 lower-case hexadecimal digits.</param>
public sealed record RunArtifact(string Path, string MediaType, long Size, string Sha256);
