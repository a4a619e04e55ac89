import Artifacts
import Foundation
import TestSupport
import Testing

/// The golden files, one of each kind and released version, must always be readable.
///
/// They were written by this suite with CIRCUITTOOLS_RECORD=1 in the environment: then it writes those
/// of the current versions that are missing, and fails, because a recording tests nothing.
@Suite("Golden files") struct GoldenFileTests {
    private static let isRecording =
        ProcessInfo.processInfo.environment["CIRCUITTOOLS_RECORD"] != nil

    private func path(_ kind: ArtifactKind, _ version: String? = nil) -> String {
        Fixture.path("\(kind.rawValue)/\(version ?? kind.currentVersion.description)/sample.h5")
    }

    private func expectGolden<Content: ArtifactContent & Equatable>(
        _ content: Content, version: String? = nil, isSameDigest: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = path(Content.kind, version)
        if Self.isRecording, version == nil, !FileManager.default.fileExists(atPath: path) {
            try makeFolder(of: path)
            try content.write(to: ArtifactOutput(path), provenance: .sample())
            Issue.record("recorded \(path)", sourceLocation: sourceLocation)
        }
        let artifact = try Content.read(from: path)
        #expect(artifact.content == content, sourceLocation: sourceLocation)
        #expect(try artifact.provenance == .sample(), sourceLocation: sourceLocation)
        #expect(try ArtifactFile(path).check() == [], sourceLocation: sourceLocation)
        // A digest must never change: circuits refer to their datasets by it. Only content that a
        // migration changes has another one afterwards.
        guard isSameDigest else { return }
        #expect(try content.digest() == artifact.digest, sourceLocation: sourceLocation)
    }

    private func makeFolder(of path: String) throws {
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
    }

    @Test(
        "The golden file of each kind is read and valid, and its digest is unchanged",
        arguments: ArtifactKind.allCases.filter { $0.contentType != nil })
    func content(kind: ArtifactKind) throws {
        let sample = try #require(kind.sample)
        try expectGolden(sample)
    }

    @Test("Datasets of earlier versions of the schema are read")
    func earlierDatasets() throws {
        var dataset = DatasetArtifact.sample
        (dataset.answerTexts, dataset.wrongAnswerTexts) = (nil, nil)
        try expectGolden(dataset, version: "1.0.0")
    }

    @Test("Circuits of earlier versions of the schema are read")
    func earlierCircuits() throws {
        var circuit = CircuitArtifact.sample
        try expectGolden(circuit, version: "2.0.0")
        circuit.roles = nil
        try expectGolden(circuit, version: "1.3.0")
        circuit.neuronCounts = nil
        try expectGolden(circuit, version: "1.2.0")
        circuit.pairsPerTest = nil
        circuit.errorRate = nil
        try expectGolden(circuit, version: "1.1.0")
        circuit.nominalEdgeCount = nil
        try expectGolden(circuit, version: "1.0.0")
    }

    @Test("Scores of earlier versions of the schema are read, their metrics as they are named")
    func earlierScores() throws {
        try expectGolden(EdgeScoresArtifact.sample, version: "1.0.0", isSameDigest: false)
    }

    @Test("Evaluations of earlier versions of the schema are read")
    func earlierEvaluations() throws {
        var evaluation = EvaluationArtifact.sample
        for circuit in evaluation.circuits.indices { evaluation.circuits[circuit].level = "" }
        try expectGolden(evaluation, version: "2.1.0")
        try expectGolden(evaluation, version: "2.0.0")
        (evaluation.circuits, evaluation.sharedEdges) = ([], nil)
        evaluation.subjectDatasetDigest = nil
        try expectGolden(evaluation, version: "1.0.0")
    }

    @Test("Attribution graphs of earlier versions of the schema are read")
    func earlierAttributionGraphs() throws {
        var graph = AttributionGraphArtifact.sample
        (graph.headLoadings, graph.transcoders.scan) = (nil, nil)
        try expectGolden(graph, version: "1.0.0")
    }

    @Test("Effects of earlier versions of the schema are read")
    func earlierEffects() throws {
        var effects = PatchEffectsArtifact.sample
        (effects.tokens, effects.positionNames) = (nil, nil)
        try expectGolden(effects, version: "1.0.0")
    }

    @Test("Comparisons of earlier versions of the schema are read")
    func earlierComparisons() throws {
        var diff = CircuitDiffArtifact.sample
        diff.headMatches = nil
        try expectGolden(diff, version: "1.0.0")
    }

    @Test("The golden activation cache is read and valid")
    func activationCache() throws {
        let path = path(.activationCache)
        if Self.isRecording, !FileManager.default.fileExists(atPath: path) {
            try makeFolder(of: path)
            try SampleCache(precision: .bfloat16).write(to: path)
            Issue.record("recorded \(path)")
        }
        let cache = try ActivationCache(path)
        // The dataset in it has its own version: before 1.1.0 without texts of answers.
        var dataset = DatasetArtifact.sample
        if cache.dataset.content.answerTexts == nil {
            (dataset.answerTexts, dataset.wrongAnswerTexts) = (nil, nil)
        }
        #expect(cache.dataset.content == dataset)
        #expect(try ArtifactFile(path).check() == [])
        let expected = SampleCache(precision: .bfloat16)
        for run in ActivationRun.allCases {
            for hook in expected.shapes.keys {
                let values = try cache.activation(named: hook, run: run).values()
                #expect(values == expected.values(hook, run))
            }
        }
    }

    /// 1.0.0 had patterns as [pair, position, head, key_position].
    @Test("The golden cache of version 1.0.0 is read as one of today, and migrated")
    func earlierCache() throws {
        let sample = SampleCache(precision: .bfloat16)
        let folder = try ScratchFolder()
        let copy = folder.path("c.h5")
        try Fixture.data("activation-cache/1.0.0/sample.h5").write(to: URL(filePath: copy))
        func expectSample(_ cache: ActivationCache) throws {
            for run in ActivationRun.allCases {
                let z = try cache.activation(named: "blocks.0.attn.hook_z", run: run)
                #expect(z.values() == sample.values("blocks.0.attn.hook_z", run))
                let pattern = try cache.activation(named: "blocks.0.attn.hook_pattern", run: run)
                #expect(pattern.shape == [3, 2, 3, 3])
                let stored = sample.values("blocks.0.attn.hook_pattern", run)
                let expected = (0..<3).flatMap { pair in
                    (0..<2).flatMap { head in
                        (0..<3).flatMap { position in
                            let first = ((pair * 3 + position) * 2 + head) * 3
                            return stored[first..<first + 3]
                        }
                    }
                }
                #expect(pattern.values() == expected)
            }
        }
        #expect(try ArtifactFile(copy).check() == [])
        try expectSample(ActivationCache(copy))
        let step = ProvenanceStep(tool: "circuit-check", version: "1", arguments: ["--migrate"])
        #expect(try ArtifactFile(copy).migrate { _ in step })
        #expect(try ArtifactFile(copy).header.version == SchemaVersion(2, 0, 0))
        #expect(try ArtifactFile(copy).check() == [])
        try expectSample(ActivationCache(copy))
    }

    @Test("Every released version of a schema has a golden file", arguments: ArtifactKind.allCases)
    func releasedVersions(kind: ArtifactKind) throws {
        let root = Fixture.path("../schemas/\(kind.rawValue)")
        let versions = try FileManager.default.contentsOfDirectory(atPath: root)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
        #expect(versions.contains(kind.currentVersion.description))
        for version in versions {
            #expect(FileManager.default.fileExists(atPath: path(kind, version)))
        }
    }

    @Test(
        "A golden file of every version is valid, and valid after a migration",
        arguments: ArtifactKind.allCases)
    func everyVersion(kind: ArtifactKind) throws {
        let root = Fixture.path("\(kind.rawValue)")
        let versions = try FileManager.default.contentsOfDirectory(atPath: root)
        #expect(versions.contains(kind.currentVersion.description))
        for version in versions {
            let folder = try ScratchFolder()
            let copy = folder.path("copy.h5")
            try Fixture.data("\(kind.rawValue)/\(version)/sample.h5").write(
                to: URL(filePath: copy))
            let file = try ArtifactFile(copy)
            #expect(file.header.version.description == version)
            #expect(try file.check() == [])
            let step = ProvenanceStep(tool: "circuit-check", version: "1", arguments: [])
            let isOld = file.header.version < kind.currentVersion
            #expect(try file.migrate { _ in step } == isOld)
            let migrated = try ArtifactFile(copy)
            #expect(migrated.header.version == kind.currentVersion)
            #expect(try migrated.check() == [])
        }
    }
}
