import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// How many operations of matrix products come to each worker, counted, not timed: where a worker takes
/// the next piece when it is done with its last. Pieces depend on the pairs alone, but how many of them
/// wait at a time on the threads, so the methods are run with the most threads.
@Suite("Work of every method is spread over workers")
struct WorkBalanceTests {
    /// A way to find circuits.
    enum Way: String, CaseIterable {
        case acdc, eap, eapIG, exact, activationPatching, pathPatching, masks

        /// How often the pairs of the file are taken, for two pieces a worker at least. The products of a
        /// model this small are too short to be shared.
        var times: Int {
            switch self {
            case .eap, .eapIG, .masks: 330
            case .acdc, .exact: 256
            case .activationPatching, .pathPatching: 128
            }
        }

        func run(_ pairs: ReferencePairs) throws {
            switch self {
            case .acdc: _ = try ACDC(pairs.experiment(.kl)).run(at: 0.05)
            case .eap: _ = try pairs.scores(by: EAP(), .kl)
            case .eapIG: _ = try pairs.scores(by: EAPIGInputs(), .kl)
            case .exact: _ = try pairs.scores(by: Exact(), .kl)
            case .activationPatching:
                let patched = try PatchedPairs(pairs.experiment(.kl))
                _ = try ActivationPatching(
                    patched,
                    components: PatchSite.residualPre.components(
                        in: pairs.transformer.configuration),
                    positions: PatchPositions(.all, in: pairs.dataset)
                ).run()
            case .pathPatching:
                let patched = try PatchedPairs(pairs.experiment(.kl))
                _ = try PathPatching(
                    patched, edges: Array(0..<20),
                    positions: PatchPositions(.all, in: pairs.dataset)
                ).run()
            case .masks:
                var method = EdgePruning()
                method.learning.steps = 2
                _ = try pairs.scores(by: method, .kl)
            }
        }
    }

    @Test("None idles with 2 to 64 workers, whatever the method", arguments: Way.allCases)
    func balance(way: Way) throws {
        let meter = WorkMeter(keepingRuns: true)
        let pairs = try ReferencePairs("tiny-gpt2", times: way.times, threads: 64, meter: meter)
        let start = meter.operations
        try way.run(pairs)
        #expect(meter.operations > start)
        for workers in [2, 8, 32, 64] {
            let (each, busiest) = meter.operationsOfWorkers(workers)
            let mean = each.reduce(0, +) / Double(workers)
            let least = each.min() ?? 0
            #expect(least > 0.25 * mean, "\(way), \(workers) workers: \(least) of \(mean)")
            #expect(busiest < 2 * mean, "\(way), \(workers) workers: \(busiest) of \(mean)")
        }
    }
}
