import Artifacts
import Foundation
import TestSupport
import Testing

/// Every kind comes back from a file as it went in, and the file passes the check.
@Suite struct RoundTripTests {
    private func expectRoundTrip<Content: ArtifactContent & Equatable>(
        _ content: Content, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try ScratchFolder()
        let path = folder.path("artifact.h5")
        let provenance = try Provenance.sample()
        let digest = try content.write(to: ArtifactOutput(path), provenance: provenance)

        let artifact = try Content.read(from: path)
        #expect(artifact.content == content, sourceLocation: sourceLocation)
        #expect(artifact.digest == digest, sourceLocation: sourceLocation)
        #expect(artifact.provenance == provenance, sourceLocation: sourceLocation)
        #expect(try content.digest() == digest, sourceLocation: sourceLocation)
        #expect(try ArtifactFile(path).check() == [], sourceLocation: sourceLocation)
        // Nothing temporary is left.
        #expect(try folder.names() == ["artifact.h5"], sourceLocation: sourceLocation)
    }

    @Test func dataset() throws { try expectRoundTrip(DatasetArtifact.sample) }
    @Test func circuit() throws { try expectRoundTrip(CircuitArtifact.sample) }
    @Test func edgeScores() throws { try expectRoundTrip(EdgeScoresArtifact.sample) }
    @Test func patchEffects() throws { try expectRoundTrip(PatchEffectsArtifact.sample) }
    @Test func evaluation() throws { try expectRoundTrip(EvaluationArtifact.sample) }
    @Test func circuitDiff() throws { try expectRoundTrip(CircuitDiffArtifact.sample) }

    @Test func whatIsOptionalMayBeAbsent() throws {
        var dataset = DatasetArtifact.sample
        dataset.seed = nil
        dataset.clean.texts = nil
        dataset.positions = [:]
        dataset.wrongAnswers = dataset.wrongAnswers.map { _ in [] }
        try expectRoundTrip(dataset)

        var circuit = CircuitArtifact.sample
        circuit.model = nil
        circuit.scores = nil
        circuit.neurons = nil
        circuit.keptShare = nil
        circuit.threshold = nil
        circuit.decisions = []
        circuit.runs = []
        circuit.datasetDigest = nil
        circuit.cacheDigest = nil
        try expectRoundTrip(circuit)

        let evaluation = EvaluationArtifact(
            model: nil, subject: EvaluationArtifact.sample.subject, metric: "kl", figures: [])
        try expectRoundTrip(evaluation)
    }

    @Test func emptyDatasetsAreDatasets() throws {
        try expectRoundTrip(
            DatasetArtifact(
                model: .sample, task: "none", clean: Prompts(ids: []), corrupted: Prompts(ids: []),
                answers: [], wrongAnswers: []))
    }

    @Test func aDecisionLogOfSharedRunsIsWhole() {
        let circuit = CircuitArtifact.sample
        #expect(
            circuit.decisions(ofRun: 1) == circuit.decisions.prefix(2) + circuit.runs[1].decisions)
    }

    @Test func notANumberSurvives() throws {
        var circuit = CircuitArtifact.sample
        circuit.circuitMetric = .nan
        circuit.scores?[1] = .nan
        let folder = try ScratchFolder()
        try circuit.write(to: ArtifactOutput(folder.path("c.h5")), provenance: .sample())
        let content = try CircuitArtifact.read(from: folder.path("c.h5")).content
        #expect(content.circuitMetric.isNaN)
        #expect(content.scores?[1].isNaN == true)
        #expect(content.scores?[2] == circuit.scores?[2])
    }
}
