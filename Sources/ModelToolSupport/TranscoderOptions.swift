package import ArgumentParser
package import Artifacts
package import Basics
package import Models
import ToolSupport

/// `--transcoders`: the transcoders whose features are looked at.
package struct TranscoderOptions: ParsableArguments {
    /// The folder.
    @Option(
        help: ArgumentHelp(
            "A folder of transcoders: of circuit-tracer or Gemma Scope, with config.yaml, of SAELens "
                + "or sparsify.",
            valueName: "folder"),
        completion: .directory)
    package var transcoders: String?

    /// Options as the parser fills them.
    package init() {}

    /// Opens the set and holds it against the model. A set whose authors name another model is warned of.
    /// - Throws: `Failure` where it isn't a whole set, or one of another shape than the model's.
    package func set(for source: ModelSource) throws -> TranscoderSet {
        let set = try TranscoderSet(transcoders ?? "")
        try set.requireFit(source.configuration, name: source.name)
        if let trained = set.modelName, !Self.isSameModel(trained, source.name) {
            Console.warning(
                "\(set.path): these transcoders were trained on \(trained), and the model "
                    + "is \(source.name)")
        }
        return set
    }

    /// Whether two names are likely to be of one model: files add a quantization to its name, and hubs
    /// an owner.
    private static func isSameModel(_ one: String, _ other: String) -> Bool {
        let names = [one, other].map { name in
            let last = name.split(separator: "/").last ?? ""
            return last.lowercased().filter { $0.isLetter || $0.isNumber }
        }
        return names[0].contains(names[1]) || names[1].contains(names[0])
    }
}

extension TranscoderSet {
    /// What an artifact keeps to name these transcoders.
    /// - Throws: `Failure` where their files can't be read.
    package func reference() throws(Failure) -> TranscoderReference {
        TranscoderReference(
            name: name, path: path, digest: try digest(), kind: kind.rawValue,
            inputHook: inputHook.rawValue, outputHook: outputHook.rawValue,
            activation: activation.name, featureCount: featureCount, scan: scan)
    }

    /// What a provenance record keeps to name these transcoders.
    /// - Throws: `Failure` where their files can't be read.
    package func input() throws(Failure) -> ProvenanceStep.Input {
        ProvenanceStep.Input(
            name: "transcoders", kind: "transcoders", path: path, digest: try digest())
    }
}
