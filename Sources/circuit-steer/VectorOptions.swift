import ArgumentParser
import Artifacts
import Basics
import Discovery
import Engine
import Interchange
import Models
import ToolSupport

/// `--vector`, `--scale`, `--positions`: steering vectors that are added to activations.
struct VectorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Steering vectors to add: of circuit-vector, or a GGUF control vector. Can be given several "
                + "times.", valueName: "path"), completion: .file(extensions: ["h5", "gguf"]))
    var vector: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What vectors are multiplied with; one for all, or one for each (default: 1).",
            valueName: "factor"))
    var scale: [Float] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Where vectors are added; one for all, or one for each.",
            discussion: """
                all (repeng): everywhere, in what is generated too. -1: (caa): from the prompt's last \
                position on. front (actadd): the vector's own positions at the prompt's first ones. Or \
                3, 2:5, 4:. By default front for vectors of several positions, else all.
                """,
            valueName: "where"))
    var positions: [String] = []

    /// Refuses options that don't go together.
    func validate() throws {
        if vector.isEmpty, !scale.isEmpty || !positions.isEmpty {
            throw ValidationError("--scale and --positions go with --vector")
        }
        for (name, count) in [("scale", scale.count), ("positions", positions.count)]
        where count > 1 && count != vector.count {
            throw ValidationError(
                "there are \(vector.count) vectors and \(count) times --\(name): give it once, or for "
                    + "each")
        }
        if let wrong = scale.first(where: { !$0.isFinite }) {
            throw ValidationError("--scale: \(wrong) isn't a finite number")
        }
        if let wrong = positions.first(where: { SteeringPositions($0) == nil }) {
            throw ValidationError(
                "--positions: '\(wrong)' is none of front, all, a position such as 3, or a range such "
                    + "as -1: or 2:5")
        }
    }

    /// What is added, in the order given. Vectors of another model are warned of.
    /// - Throws: `Failure` or `ArtifactError` where vectors can't be read, or don't fit the model.
    func additions(to transformer: Transformer, of source: ModelSource) throws -> [VectorAddition] {
        try vector.enumerated().map { index, path in
            let (vectors, leftOut) = try ControlVectorFile.vectors(at: path)
            if !leftOut.isEmpty {
                Console.warning(
                    "\(path): not read: \(leftOut.count) tensors that are no directions")
            }
            if let model = vectors.model, model.digest != (try source.digest()) {
                Console.warning(
                    "\(path): these vectors were made with \(model.name), and the model is "
                        + "\(source.name), whose digest is another one")
            }
            return try VectorAddition(
                vectors, scale: value(scale, index) ?? 1,
                at: value(positions, index).flatMap { SteeringPositions($0) }, in: transformer,
                name: path)
        }
    }

    private func value<Value>(_ values: [Value], _ index: Int) -> Value? {
        values.count == 1 ? values[0] : values.indices.contains(index) ? values[index] : nil
    }
}
