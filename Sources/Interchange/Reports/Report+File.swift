package import Artifacts
import Basics

extension Report {
    /// The report on an artifact of whatever kind.
    ///
    /// - Parameters:
    ///   - file: The artifact.
    ///   - selection: What of a circuit or of scores to show.
    ///   - run: One of a circuit's further runs to show in place of the main one.
    ///   - width: The columns there are for a heat map.
    ///   - colours: Whether to colour it for a terminal.
    /// - Throws: ``Artifacts/ArtifactError`` where the content isn't what it must be, and
    ///   ``Failure`` where there is no such run.
    package init(
        _ file: ArtifactFile, selection: ReportSelection = ReportSelection(), run: Int? = nil,
        width: Int = 80, colours: Bool = false
    ) throws {
        let header = file.header
        switch header.kind {
        case .dataset: self.init(try file.read(DatasetArtifact.self), header: header)
        case .activationCache: self.init(try ActivationCache(file), header: header)
        case .patchEffects:
            self.init(
                try file.read(PatchEffectsArtifact.self), header: header, width: width,
                colours: colours)
        case .edgeScores:
            self.init(try file.read(EdgeScoresArtifact.self), header: header, selection)
        case .circuit:
            try self.init(
                try file.read(CircuitArtifact.self), header: header, selection, run: run)
        case .evaluation: self.init(try file.read(EvaluationArtifact.self), header: header)
        case .circuitDiff: self.init(try file.read(CircuitDiffArtifact.self), header: header)
        }
    }
}
