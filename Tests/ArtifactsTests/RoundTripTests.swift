import Artifacts
import Foundation
import TestSupport
import Testing

@Suite("Writing and reading") struct RoundTripTests {
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

    @Test(
        "Content of each kind is read as it was written, and its file is valid",
        arguments: ArtifactKind.allCases.filter { $0.contentType != nil })
    func content(kind: ArtifactKind) throws {
        let sample = try #require(kind.sample)
        try expectRoundTrip(sample)
    }

    @Test("The content type of a kind is of that kind", arguments: ArtifactKind.allCases)
    func contentType(kind: ArtifactKind) {
        #expect(kind.contentType?.kind ?? .activationCache == kind)
    }

    @Test("Optional values may be absent")
    func optionalValues() throws {
        var dataset = DatasetArtifact.sample
        dataset.seed = nil
        dataset.clean.texts = nil
        dataset.positions = [:]
        dataset.wrongAnswers = dataset.wrongAnswers.map { _ in [] }
        (dataset.answerTexts, dataset.wrongAnswerTexts) = (nil, nil)
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

    @Test("A dataset may have no pairs")
    func emptyDataset() throws {
        try expectRoundTrip(
            DatasetArtifact(
                model: .sample, task: "none", clean: Prompts(ids: []), corrupted: Prompts(ids: []),
                answers: [], wrongAnswers: []))
    }

    @Test("NaN is read as it was written")
    func nan() throws {
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
