package import Artifacts
package import Basics
import Models

/// Control vectors of llama.cpp and repeng: a GGUF file of the architecture `controlvector`, with a
/// tensor `direction.N` for each layer N, which is added to that layer's output at every position.
package enum ControlVectorFile {
    private static let architecture = "controlvector"
    private static let prefix = "direction."
    private static let hintKey = "controlvector.model_hint"
    /// The site that their vectors are added to.
    package static let site = "hook_resid_post"

    /// Whether the file at `path` is a GGUF file, as these are.
    package static func isGGUF(_ path: String) -> Bool { GGUFFile.isGGUF(path: path) }

    /// Reads a file.
    /// - Returns: the vectors, and the names of tensors that were left out.
    /// - Throws: `Failure` where it is another GGUF file, or its directions don't go together.
    package static func read(
        _ path: String
    ) throws(Failure) -> (vectors: SteeringVectorArtifact, leftOut: [String]) {
        let file = try GGUFFile(path: path)
        let found = try file.text("general.architecture")
        guard found == architecture else {
            throw Failure(
                .badData,
                "\(path): a GGUF file of the architecture \(found ?? "of no name"), and control "
                    + "vectors have \(architecture)")
        }
        var directions: [(layer: Int32, name: String)] = []
        var leftOut: [String] = []
        for name in file.names {
            guard name.hasPrefix(prefix) else {
                leftOut.append(name)
                continue
            }
            let number = name.dropFirst(prefix.count)
            guard number.allSatisfy({ $0.isASCII && $0.isNumber }), let layer = Int32(number) else {
                throw Failure(
                    .badData, "\(path): tensor \(name) isn't named after a layer, as direction.7 is"
                )
            }
            directions.append((layer, name))
        }
        directions.sort { $0.layer < $1.layer }
        guard !directions.isEmpty else {
            throw Failure(.badData, "\(path): it has no tensor direction.N")
        }
        var values: [Float] = []
        var width: Int?
        for (layer, name) in directions {
            let (vector, shape) = try file.values(of: name)
            guard shape.count == 1, width ?? vector.count == vector.count, !vector.isEmpty else {
                throw Failure(
                    .badData,
                    "\(path): tensor \(name) has the shape \(shape), and a vector"
                        + "\(width.map { " of \($0) values" } ?? "") is needed")
            }
            guard vector.allSatisfy(\.isFinite) else {
                throw Failure(
                    .badData, "\(path): tensor \(name) has values that are infinite or not a number"
                )
            }
            if values.count > 0, directions.count(where: { $0.layer == layer }) > 1 {
                throw Failure(.badData, "\(path): two tensors are of layer \(layer)")
            }
            width = vector.count
            values += vector
        }
        let vectors = SteeringVectorArtifact(
            modelHint: try file.text(hintKey), method: "imported", site: site,
            layers: directions.map(\.layer), positions: ["any"],
            vectors: DenseArray(shape: [directions.count, 1, width ?? 0], values: values))
        return (vectors, leftOut)
    }

    /// Reads steering vectors, whether of a GGUF file or of an artifact.
    /// - Returns: as `read`.
    /// - Throws: `Failure` or `ArtifactError` where it is neither.
    package static func vectors(
        at path: String
    ) throws -> (vectors: SteeringVectorArtifact, leftOut: [String]) {
        guard !isGGUF(path) else { return try read(path) }
        return (try SteeringVectorArtifact.read(from: path).content, [])
    }

    /// The file of these vectors, as the `gguf` package writes it.
    /// - Throws: `Failure` (usage) for vectors of several positions, or of a site that control vectors
    ///   can't be added to.
    package static func bytes(of vectors: SteeringVectorArtifact) throws(Failure) -> [UInt8] {
        guard vectors.positions.count == 1 else {
            throw Failure(
                .usage,
                "control vectors are added at every position, and these are of "
                    + "\(vectors.positions.count) positions; make vectors of one")
        }
        // The stream before a layer is that after the one below.
        let shift: Int32
        switch vectors.site {
        case site: shift = 0
        case "hook_resid_pre": shift = -1
        default:
            throw Failure(
                .usage,
                "control vectors are added to a layer's output, and these are of \(vectors.site); "
                    + "make vectors of resid_post")
        }
        if vectors.layers.contains(0), shift < 0 {
            throw Failure(
                .usage,
                "control vectors can't be added to the embeddings, which hook_resid_pre of layer 0 is"
            )
        }
        var writer = GGUFWriter()
        writer.add("general.architecture", architecture)
        writer.add(hintKey, vectors.modelHint ?? vectors.model?.family ?? "unknown")
        writer.add("controlvector.layer_count", UInt32(vectors.layers.count))
        for (index, layer) in vectors.layers.enumerated() {
            writer.add(
                tensor: prefix + "\(layer + shift)",
                Array(vectors.vector(layer: index, position: 0)))
        }
        return writer.bytes
    }
}
