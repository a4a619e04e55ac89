import Artifacts
import TestSupport
import Testing

@Suite("Provenance") struct ProvenanceTests {
    private func step(_ tool: String) -> ProvenanceStep {
        ProvenanceStep(
            tool: tool, version: "0.1.0", arguments: ["-o", "a b/ü.h5"], blasKernel: "SkylakeX",
            threads: 2, time: "2026-01-01T00:00:00Z")
    }

    @Test("Chains are joined without repeating the records that they share")
    func joining() throws {
        let pairs = try Provenance.appending(step("circuit-pairs"))
        let cache = try Provenance.appending(step("circuit-cache"), to: [pairs])
        let first = try Provenance.appending(step("circuit-prune"), to: [cache])
        let second = try Provenance.appending(step("circuit-score"), to: [cache])
        let diff = try Provenance.appending(step("circuit-diff"), to: [first, second])

        #expect(
            diff.records.compactMap(\.step?.tool) == [
                "circuit-pairs", "circuit-cache", "circuit-prune", "circuit-score", "circuit-diff",
            ])
        #expect(
            diff.records.last?.step?.parents == [first, second].compactMap(\.records.last?.id))
        #expect(first.records.last?.step?.parents == [cache.records.last].compactMap { $0?.id })
        #expect(pairs.records.last?.step?.parents == [])
    }

    @Test("A record keeps every field of its step")
    func record() throws {
        let provenance = try Provenance.appending(step("circuit-run"))
        #expect(provenance.records.first?.step == step("circuit-run"))
    }

    @Test("The time of a step is now unless it is given")
    func time() {
        let time = ProvenanceStep(tool: "t", version: "1", arguments: []).time
        #expect(time.count == 20 && time.hasSuffix("Z") && time.contains("T"))
    }
}
