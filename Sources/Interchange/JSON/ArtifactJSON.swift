package import Artifacts
package import Basics
import FoundationEssentials

/// Artifacts as JSON for scripts. The fields of circuits and scores that DESIGN fixes, `artifact`,
/// `edges` and `decisions`, keep their names and meaning from the first release.
package enum ArtifactJSON {
    /// The JSON of an artifact of whatever kind, on one line.
    ///
    /// - Parameters:
    ///   - file: The artifact.
    ///   - selection: What of a circuit or of scores to give.
    ///   - run: One of a circuit's further runs to give in place of the main one.
    /// - Throws: ``Artifacts/ArtifactError`` where the content isn't what it must be, and
    ///   ``Failure`` where there is no such run.
    package static func text(
        _ file: ArtifactFile, selection: ReportSelection = ReportSelection(), run: Int? = nil
    ) throws -> String {
        let header = HeaderRecord(file)
        let provenance = try file.provenance().records.compactMap(\.step)
        switch file.header.kind {
        case .dataset:
            let dataset = try file.read(DatasetArtifact.self).content
            return try encode(header, DatasetRecord(dataset), provenance)
        case .activationCache:
            return try encode(header, CacheRecord(try ActivationCache(file)), provenance)
        case .patchEffects:
            let effects = try file.read(PatchEffectsArtifact.self).content
            return try encode(header, EffectsRecord(effects), provenance)
        case .edgeScores:
            let scores = try file.read(EdgeScoresArtifact.self).content
            return try encode(header, ScoresRecord(scores, selection), provenance)
        case .circuit:
            var circuit = try file.read(CircuitArtifact.self).content
            if let run { circuit = try circuit.selectingRun(run) }
            return try encode(header, CircuitRecord(circuit, selection), provenance)
        case .evaluation:
            let evaluation = try file.read(EvaluationArtifact.self).content
            return try encode(header, EvaluationRecord(evaluation), provenance)
        case .circuitDiff:
            let diff = try file.read(CircuitDiffArtifact.self).content
            return try encode(header, DiffRecord(diff), provenance)
        }
    }

    /// The JSON of an evaluation that was just made, on one line: as of one that was stored, without
    /// what the file says of itself.
    ///
    /// - Throws: ``Failure`` as ``encode(_:)``.
    package static func text(_ evaluation: EvaluationArtifact) throws(Failure) -> String {
        try encode(EvaluationRecord(evaluation))
    }

    /// `value` as JSON on one line, keys sorted.
    ///
    /// - Throws: ``Failure`` where a value has no JSON, which is a fault of this software.
    package static func encode(_ value: some Encodable) throws(Failure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw Failure(.badData, "it can't be written as JSON: \(error)")
        }
    }

    private static func encode(
        _ header: HeaderRecord, _ content: some Encodable, _ provenance: [ProvenanceStep]
    ) throws(Failure) -> String {
        try encode(Joined(header: header, content: content, provenance: provenance))
    }
}

/// One JSON object of the fields of several records.
private struct Joined<Content: Encodable>: Encodable {
    var header: HeaderRecord
    var content: Content
    var provenance: [ProvenanceStep]

    private enum CodingKeys: String, CodingKey { case provenance }

    func encode(to encoder: any Encoder) throws {
        try header.encode(to: encoder)
        try content.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(provenance, forKey: .provenance)
    }
}

/// What every artifact says of itself.
private struct HeaderRecord: Encodable {
    var artifact: String
    var schemaVersion: String
    var digest: String

    private enum CodingKeys: String, CodingKey {
        case artifact, digest
        case schemaVersion = "schema_version"
    }

    init(_ file: ArtifactFile) {
        artifact = file.header.kind.rawValue
        schemaVersion = file.header.version.description
        digest = file.header.digest
    }
}

/// A model.
struct ModelRecord: Encodable {
    var name: String
    var path: String
    var digest: String
    var family: String

    init(_ model: ModelReference) {
        name = model.name
        path = model.path
        digest = model.digest
        family = model.family
    }
}

/// Another artifact.
struct ReferenceRecord: Encodable {
    var artifact: String
    var digest: String
    var path: String

    init(_ reference: ArtifactReference) {
        artifact = reference.kind.rawValue
        digest = reference.digest
        path = reference.path
    }
}

extension BinaryFloatingPoint {
    /// The value, or nil where JSON has no way to write it. Adding 0 takes the sign from a zero.
    var finite: Self? { isFinite ? self + 0 : nil }
}
