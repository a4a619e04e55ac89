import Artifacts
import Discovery
import Engine
import Experiments
import Foundation
import Graphs
import Models
import Tasks

extension Reader {
    /// A search that goes on from a journal whose records have the right checksums, and say anything.
    static var searches: [Reader] {
        [
            Reader(name: "resumed-search", seeds: [], memory: 256 << 20) { input in
                let acdc = try search.get()
                func journal() throws -> DecisionJournal {
                    try DecisionJournal(
                        forOutput: input.path("out.h5"),
                        inputsDigest: String(repeating: "0", count: 64), command: "fuzz",
                        startingAnew: false)
                }
                do {
                    let journal = try journal()
                    for decision in decisions(Array(input.bytes)) {
                        try journal.append(DecisionJournal.Entry(decision))
                    }
                }
                let resumed = try journal().resumed.map(\.decision)
                guard !acdc.contradicts(resumed, at: threshold) else { return }
                _ = acdc.run(
                    at: threshold, replay: .exactly([], thenResuming: resumed),
                    journal: { (_) throws(Never) in })
            }
        ]
    }

    private static let threshold = 0.05

    /// Decisions of 24 bytes each, little-endian: edge (int32), before and after (float64), removed
    /// (uint32).
    private static func decisions(_ bytes: [UInt8]) -> [Decision] {
        stride(from: 0, to: bytes.count / 24 * 24, by: 24).map { start in
            bytes.withUnsafeBytes { bytes in
                Decision(
                    edge: bytes.loadUnaligned(fromByteOffset: start, as: Int32.self),
                    before: bytes.loadUnaligned(fromByteOffset: start + 4, as: Double.self),
                    after: bytes.loadUnaligned(fromByteOffset: start + 12, as: Double.self),
                    removed: bytes.loadUnaligned(fromByteOffset: start + 20, as: UInt32.self) & 1
                        == 1)
            }
        }
    }

    /// A search on one pair of a tiny model.
    private static let search = Result<ACDC, any Error> {
        let model = try ModelSource(Repository.path("fixtures/models/tiny-gpt2")).load()
        let transformer = try Transformer(model, pool: WorkerPool(threads: 1))
        let dataset = DatasetArtifact(
            model: ModelReference(name: "tiny", path: "", digest: "", family: "gpt2"), task: "fuzz",
            clean: Prompts(ids: [[1, 2, 3, 4]]), corrupted: Prompts(ids: [[1, 5, 3, 4]]),
            answers: [[[7]]], wrongAnswers: [[[9]]], positions: [:])
        let experiment = try Experiment(
            ComputationalGraph(model.configuration), transformer: transformer, metric: .kl,
            activations: PairActivations(running: dataset, with: transformer))
        return ACDC(experiment, options: ACDC.Options())
    }
}
