import Basics
import FoundationEssentials

/// The chain of steps that made an artifact, parents before children.
///
/// A record is kept as the text that was written, and its id is the SHA-256 of that text. So fields
/// that a newer tool added are passed on, and a record that was changed no longer matches its id.
package struct Provenance: Hashable, Sendable {
    /// One step as it is stored.
    package struct Record: Hashable, Sendable {
        /// SHA-256 of `text`.
        package let id: String
        /// The step as a JSON object.
        package let text: String

        /// The step; nil where the text isn't one.
        package var step: ProvenanceStep? {
            try? JSONDecoder().decode(ProvenanceStep.self, from: Data(text.utf8))
        }
    }

    /// The records, parents before children.
    package private(set) var records: [Record]

    /// An empty chain: of something that no tool made.
    package init() {
        records = []
    }

    /// The chain of a step that builds on the given chains; each record appears once.
    package static func appending(
        _ step: ProvenanceStep, to chains: [Provenance] = []
    ) throws(ArtifactError) -> Provenance {
        var result = Provenance()
        var known: Set<String> = []
        var parents: [String] = []
        for chain in chains {
            for record in chain.records where known.insert(record.id).inserted {
                result.records.append(record)
            }
            if let last = chain.records.last, !parents.contains(last.id) {
                parents.append(last.id)
            }
        }
        var step = step
        step.parents = parents
        do {
            let text = try JSONText.line(step)
            result.records.append(Record(id: sha256(text), text: text))
        } catch {
            throw ArtifactError(.internalError, "a provenance record can't be written: \(error)")
        }
        return result
    }

    /// Encodes the group `provenance`.
    var content: ContentGroup {
        var group = ContentGroup()
        group.set("id", records.map(\.id), dim: "step")
        group.set("record", records.map(\.text), dim: "step")
        return group
    }

    /// Decodes the group `provenance`, without checking it: ``problems(at:)`` does.
    init(_ group: ContentGroup) throws(ArtifactError) {
        let ids = try group.values("id", as: String.self)
        let texts = try group.values("record", as: String.self)
        records = zip(ids, texts).map { Record(id: $0, text: $1) }
    }

    /// The records that were changed since they were written, aren't steps, or lack a parent.
    func problems(at path: String) -> [Diagnostic] {
        var known: Set<String> = []
        var problems: [Diagnostic] = []
        for (index, record) in records.enumerated() {
            let recordPath = "\(path)/record[\(index)]"
            if sha256(record.text) != record.id {
                problems.append(
                    Diagnostic(path: recordPath, "its text was changed: its id no longer fits"))
            }
            if let step = record.step {
                for parent in step.parents where !known.contains(parent) {
                    problems.append(
                        Diagnostic(
                            path: recordPath, "its parent \(parent.prefix(12)) isn't before it"))
                }
            } else {
                problems.append(Diagnostic(path: recordPath, "not a provenance record"))
            }
            known.insert(record.id)
        }
        return problems
    }
}
