import Artifacts
import Foundation
import Graphs
import TestSupport
import Testing

@Suite("The parts that heads play")
struct HeadRoleTests {
    @Test("A role has the circuit's edges by the size of their scores")
    func edges() throws {
        let circuit = CircuitArtifact.sample(
            edges: [
                "input->a1.h0<q>": 1, "a0.h1->a1.h0<v>": -3, "a1.h0->logits": -1,
                "a1.h0->m1": 3, "a0.h1->m1": 2, "m0->a1.h1<k>": 1,
            ])
        let roles = try circuit.headRoles(activations: nil)
        #expect(roles.map(\.name) == ["a0.h1", "a1.h0", "a1.h1"])
        #expect(roles.map(\.depth) == [0.25, 0.75, 0.75])
        #expect(roles[1].reads?.shares == ["q<-input": 0.25, "v<-head": 0.75])
        #expect(roles[1].writes?.shares == ["-logits": 0.25, "mlp": 0.75])
        #expect(roles[0].reads == nil)
        #expect(roles[0].writes?.shares == ["-v": 0.6, "mlp": 0.4])
        #expect(roles[1].summary == "reads v<-head 75%, q<-input 25%; writes mlp 75%, -logits 25%")
    }

    @Test("What a key-value head reads is read by every head of the circuit that shares it")
    func sharedInputs() throws {
        let circuit = CircuitArtifact.sample(
            .sample(heads: 4, keyValueHeads: 2),
            edges: [
                "m0->a1.kv1<v>": 1, "a1.h2->logits": 1, "a1.h3->logits": 1, "a1.h0->logits": 1,
            ])
        let roles = try circuit.headRoles(activations: nil)
        #expect(roles.map { $0.reads?.shares } == [nil, ["v<-mlp": 1], ["v<-mlp": 1]])
    }

    @Test("A similarity is the geometric mean of what the distributions share")
    func similarity() throws {
        let one = HeadRole(
            name: "a0.h0", depth: 0.25, reads: Distribution(["v<-mlp": 1, "q<-head": 1]),
            writes: Distribution(["logits": 1]))
        let other = HeadRole(
            name: "a3.h0", depth: 0.75, reads: Distribution(["v<-mlp": 3, "k<-head": 1]),
            writes: Distribution(["logits": 4]))
        let similarity = RoleSimilarity(one, other)
        #expect(similarity.parts == [.depth: 0.5, .reads: 0.5, .writes: 1])
        #expect(abs(similarity.value - pow(0.25, 1.0 / 3)) < 1e-12)
        #expect(RoleSimilarity(one, one).value == 1)
        // One that writes and one that doesn't differ wholly in that.
        var silent = other
        silent.writes = nil
        #expect(RoleSimilarity(one, silent).parts[.writes] == 0)
    }

    @Test("A head that is like none has no counterpart")
    func noCounterpart() {
        let mover = HeadRole(
            name: "a5.h0", depth: 0.9, reads: Distribution(["v<-mlp": 1]),
            writes: Distribution(["logits": 1]))
        let feeder = HeadRole(
            name: "a0.h0", depth: 0.1, reads: Distribution(["v<-input": 1]),
            writes: Distribution(["k": 1]))
        var likeMover = mover
        (likeMover.name, likeMover.depth) = ("a2.h1", 0.8)
        let matching = HeadMatching([feeder, mover], [likeMover])
        #expect(matching.matches.map(\.first.name) == ["a5.h0"])
        #expect(matching.matches.map(\.second.name) == ["a2.h1"])
        #expect(matching.unmatchedFirst.map(\.name) == ["a0.h0"])
        #expect(matching.unmatchedSecond.isEmpty)
        #expect(HeadMatching([feeder], [likeMover], least: 0).matches.count == 1)
    }

    /// In the prompt 7 8 7 9, the last position attends to each of the others alike.
    @Test("What a head attends to is named by positions and by kinds of keys")
    func attention() throws {
        let folder = try ScratchFolder()
        let cache = try cache(in: folder)
        let roles = try cache.attentionRoles(ofLayer: 0)
        #expect(roles.count == 2)
        let row = try #require(roles[0].fromPosition["end"])
        #expect(row.shares == ["first": 0.25, "A": 0.25, "previous": 0.25, "itself": 0.25])
        // From 8: 1 to the first; from 7: half to its duplicate, half to 8, which followed it;
        // from 9: a quarter each.
        let kinds = try #require(roles[0].byKind?.shares)
        #expect(abs((kinds["first"] ?? 0) - 0.25 / 3) < 1e-7)
        #expect(abs((kinds["duplicate"] ?? 0) - 0.5 / 3) < 1e-7)
        #expect(abs((kinds["induction"] ?? 0) - 0.5 / 3) < 1e-7)
        #expect(abs((kinds["previous"] ?? 0) - 1.25 / 3) < 1e-7)
        #expect(abs((kinds["rest"] ?? 0) - 0.25 / 3) < 1e-7)
        #expect(abs((kinds["itself"] ?? 0) - 0.25 / 3) < 1e-7)
        // z changes by 6 and 8 at the end, by 5 at A, and by 3 and 4 elsewhere.
        #expect(roles[0].actsAt?.shares == ["end": 0.5, "A": 0.25, "rest": 0.25])
        #expect(roles[0].mainPosition == "end")
        // The other head attends to itself only.
        #expect(roles[1].fromPosition["end"]?.shares == ["itself": 1])
        #expect(roles[1].actsAt == nil)
    }

    /// A cache of one prompt, one layer and two heads of width 2, with known patterns.
    private func cache(in folder: borrowing ScratchFolder) throws -> ActivationCache {
        let dataset = DatasetArtifact(
            model: .sample, task: "test", clean: Prompts(ids: [[7, 8, 7, 9]]),
            corrupted: Prompts(ids: [[7, 8, 7, 5]]), answers: [[[1]]], wrongAnswers: [[]],
            positions: ["A": [1], "end": [3]])
        try dataset.write(to: ArtifactOutput(folder.path("d.h5")), provenance: .sample())
        let read = try DatasetArtifact.read(from: folder.path("d.h5"))
        let shapes = ["blocks.0.attn.hook_pattern": [2, 4, 4], "blocks.0.attn.hook_z": [4, 2, 2]]
        let writer = try ActivationCacheWriter(
            to: ArtifactOutput(folder.path("c.h5")), dataset: read,
            description: ActivationCacheDescription(
                model: .sample, datasetDigest: read.digest, hooks: Array(shapes.keys),
                positions: ActivationCacheDescription.allPositions(lengths: [4])),
            shapes: shapes, layout: .contiguous)
        let first: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25]
        let second: [Float] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
        // [position, head, d_head]: of the first head, clean minus corrupted.
        let change: [Float] = [3, 4, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 6, 8, 0, 0]
        for run in ActivationRun.allCases {
            try (first + second).withUnsafeBufferPointer {
                try writer.append($0, to: "blocks.0.attn.hook_pattern", run: run)
            }
            try change.map { run == .clean ? $0 + 1 : 1 }.withUnsafeBufferPointer {
                try writer.append($0, to: "blocks.0.attn.hook_z", run: run)
            }
        }
        try writer.finish(provenance: .sample())
        return try ActivationCache(folder.path("c.h5"))
    }
}
