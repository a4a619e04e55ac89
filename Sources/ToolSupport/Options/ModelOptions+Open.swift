public import Artifacts
public import Models

extension ModelOptions {
    /// Opens the model that an artifact was made with, without reading its weights.
    ///
    /// `--model` says where it is now, if it has moved; it must be the same model.
    /// - Throws: `ModelError` if there is none, `ToolError` (bad data) if it is another one.
    public func open(for reference: ModelReference) throws -> ModelSource {
        let source = try ModelSource(model ?? reference.path)
        let digest = try source.digest()
        guard digest == reference.digest else {
            throw ToolError(
                .badData,
                "\(source.path): has the digest \(digest.prefix(12))..., but the input was made "
                    + "with \(reference.name), digest \(reference.digest.prefix(12))...; "
                    + "give that model with --model")
        }
        return source
    }
}
