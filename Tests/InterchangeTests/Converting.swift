import Artifacts
import Foundation
import Graphs
import Interchange
import TestSupport

/// Converts files as `circuit-convert` does, in a folder of its own.
struct Converting: ~Copyable {
    let folder = ScratchFolder.make()

    /// The path of a file of `fixtures/interchange`.
    static func fixture(_ name: String) -> String { Fixture.path("interchange/" + name) }

    /// Makes an artifact of a file; gives its path and what was said.
    func read(
        _ path: String, as kind: ArtifactKind? = nil, like: String? = nil,
        keyValueHeads: Int? = nil
    ) throws -> (path: String, remarks: [String]) {
        let file = try ForeignFile(path)
        let format = try InterchangeFormats.recognize(file)
        let output = folder.path("\(UUID().uuidString).h5")
        let remarks = Remarks()
        let job = ReadingJob(
            output: try ArtifactOutput(output), like: try like.map { try LikeArtifact($0) },
            keyValueHeads: keyValueHeads,
            step: {
                ProvenanceStep(tool: "circuit-convert", version: "0", arguments: [], inputs: $0)
            }, remark: { remarks.lines.append($0) })
        try format.read(file, as: kind ?? format.reads[0], by: job)
        return (output, remarks.lines)
    }

    /// Writes an artifact in a format; gives the file's path and what was said.
    func write(_ path: String, as format: String) throws -> (path: String, remarks: [String]) {
        let output = folder.path("\(UUID().uuidString).out")
        let remarks = Remarks()
        try InterchangeFormats.named(format).write(
            ArtifactFile(path), by: WritingJob(path: output, remark: { remarks.lines.append($0) }))
        return (output, remarks.lines)
    }

    /// Writes an artifact with this content; gives its path.
    func store(_ content: some ArtifactContent) throws -> String {
        let path = folder.path("\(UUID().uuidString).h5")
        try content.write(to: ArtifactOutput(path), provenance: .sample())
        return path
    }

    private final class Remarks {
        var lines: [String] = []
    }
}

extension GraphTable {
    /// The graph of the files of `fixtures/interchange`.
    static let interchange = ComputationalGraph(
        nLayers: 2, nHeads: 2, nKeyValueHeads: 2, dModel: 8
    ).table
}

extension CircuitArtifact {
    /// The sample with the graph of the files of `fixtures/interchange`.
    static var interchange: CircuitArtifact {
        var circuit = sample
        circuit.graph = .interchange
        return circuit
    }
}

extension EdgeScoresArtifact {
    /// The sample with the graph of the files of `fixtures/interchange`.
    static var interchange: EdgeScoresArtifact {
        var scores = sample
        scores.graph = .interchange
        return scores
    }
}

extension ScratchFolder {
    /// A folder, or a test that fails for want of one.
    static func make() -> ScratchFolder {
        do {
            return try ScratchFolder()
        } catch {
            fatalError("no folder for tests: \(error)")
        }
    }
}

extension Data {
    /// The content of the file at `path`.
    init(at path: String) throws { try self.init(contentsOf: URL(filePath: path)) }
}
