package import Artifacts
package import Basics
package import Models

extension ModelOptions {
    /// The model that an artifact was made with: opened where the artifact says it lies, or where
    /// `--model` says, and held against the artifact's digest. Its weights aren't read.
    ///
    /// - Parameter artifact: what names the model, for messages: a path, or `-`.
    /// - Throws: ``Failure``: missing input where the model isn't where the artifact says, bad data
    ///   where its digest is another one; ``Models/Failure`` where it isn't a model.
    package func source(
        of reference: ModelReference, namedBy artifact: String
    ) throws -> ModelSource {
        let artifact = artifact == "-" ? "standard input" : artifact
        let source = try Self.open(model, or: reference, namedBy: artifact)
        let digest = try source.digest()
        guard digest == reference.digest else {
            throw Failure(
                .badData,
                "\(artifact) was made with \(reference.name), digest "
                    + "\(reference.digest.prefix(16))..., and \(source.path) has the digest "
                    + "\(digest.prefix(16))...: give that model with --model, or make the file anew"
            )
        }
        return source
    }

    private static func open(
        _ model: String?, or reference: ModelReference, namedBy artifact: String
    ) throws -> ModelSource {
        if let model { return try .openForUser(model) }
        do {
            return try .openForUser(reference.path)
        } catch {
            guard error.kind != .badData else { throw error }
            throw Failure(
                .missingInput,
                "\(artifact): its model \(reference.name) can't be read at \(reference.path): say "
                    + "where it is with --model")
        }
    }
}

extension ModelSource {
    /// What an artifact keeps to name this model.
    ///
    /// - Throws: ``Models/Failure`` where its files can't be read.
    package func reference() throws(Failure) -> ModelReference {
        ModelReference(
            name: name, path: path, digest: try digest(), family: configuration.family.rawValue)
    }

    /// What a provenance record keeps to name this model.
    ///
    /// - Throws: ``Models/Failure`` where its files can't be read.
    package func input() throws(Failure) -> ProvenanceStep.Input {
        ProvenanceStep.Input(name: "model", kind: "model", path: path, digest: try digest())
    }
}
