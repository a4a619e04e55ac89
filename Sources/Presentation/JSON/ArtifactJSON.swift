package import Artifacts
package import Basics
package import Graphs

/// Artifacts as JSON for scripts, which rely on it: fields keep their names and meaning.
package enum ArtifactJSON {
    /// The JSON of an artifact of any kind, on one line.
    ///
    /// - Parameters:
    ///   - file: The artifact.
    ///   - selection: The part of a circuit or of scores to give.
    ///   - run: One of a circuit's further runs, to give in place of the main one.
    /// - Throws: ``Artifacts/ArtifactError`` where the file isn't valid, and ``Failure`` (usage) where
    ///   there is no such run.
    package static func text(
        _ file: ArtifactFile, selection: ReportSelection = ReportSelection(), run: Int? = nil
    ) throws -> String {
        let provenance = try file.provenance().records.compactMap(\.step)
        var json = try file.presentable(run: run).json(selection)
        json.set("artifact", file.header.kind.rawValue)
        json.set("schema_version", file.header.version.description)
        json.set("digest", file.header.digest)
        json.set("provenance", provenance)
        return try JSONText.line(json)
    }

    /// The JSON of an evaluation that wasn't read from a file, on one line: without the header and the
    /// provenance.
    ///
    /// - Throws: ``Failure`` as ``Basics/JSONText/line(_:)``.
    package static func text(_ evaluation: EvaluationArtifact) throws(Failure) -> String {
        try JSONText.line(evaluation.json(ReportSelection()))
    }

    /// The JSON of a comparison that wasn't read from a file, on one line.
    ///
    /// - Parameters:
    ///   - diff: The part of it that an artifact stores.
    ///   - comparison: The whole comparison.
    /// - Throws: ``Failure`` as ``Basics/JSONText/line(_:)``.
    package static func text(
        _ diff: CircuitDiffArtifact, _ comparison: CircuitComparison
    ) throws(Failure) -> String {
        try JSONText.line(diff.json(comparison))
    }
}
