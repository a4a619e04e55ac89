package import ArgumentParser
package import Artifacts
package import Basics
package import Models

/// `--transcoders`: the transcoders whose features are looked at.
package struct TranscoderOptions: ParsableArguments {
    /// The folder.
    @Option(
        help: ArgumentHelp(
            "A folder of transcoders with config.yaml: circuit-tracer's or Gemma Scope's.",
            valueName: "folder"),
        completion: .directory)
    package var transcoders: String?

    /// Options as the parser fills them.
    package init() {}

    /// Opens the set and holds it against the model.
    /// - Throws: `Failure` where it isn't a whole set, or one of another shape than the model's.
    package func set(for source: ModelSource) throws -> TranscoderSet {
        let set = try TranscoderSet(transcoders ?? "")
        try set.requireFit(source.configuration, name: source.name)
        return set
    }
}

extension TranscoderSet {
    /// What an artifact keeps to name these transcoders.
    /// - Throws: `Failure` where their files can't be read.
    package func reference() throws(Failure) -> TranscoderReference {
        TranscoderReference(
            name: name, path: path, digest: try digest(), kind: kind.rawValue,
            inputHook: inputHook.rawValue, outputHook: outputHook.rawValue,
            activation: activation.name, featureCount: featureCount)
    }

    /// What a provenance record keeps to name these transcoders.
    /// - Throws: `Failure` where their files can't be read.
    package func input() throws(Failure) -> ProvenanceStep.Input {
        ProvenanceStep.Input(
            name: "transcoders", kind: "transcoders", path: path, digest: try digest())
    }
}
