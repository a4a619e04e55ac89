import Artifacts
import CircuitRuns
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// What must not change the outcome of a search, to the last bit: threads, interruptions, shared
/// decisions.
@Suite("Invariance of ACDC")
struct ACDCInvarianceTests {
    private func search(
        _ pairs: ReferencePairs, order: TraversalOrder = .cli,
        metric: Metric = .kl, sampling: PairSampling? = nil
    ) throws -> ACDC {
        try ACDC(
            pairs.experiment(metric), options: ACDC.Options(order: order, sampling: sampling))
    }

    @Test(
        "The number of threads doesn't change a run, bit for bit",
        arguments: ["tiny-gpt2", "tiny-llama-gqa", "tiny-gemma2"])
    func threads(family: String) throws {
        let one = try search(ReferencePairs(family, threads: 1)).run(at: 0.05)
        for threads in [2, 3, 7] {
            let many = try search(ReferencePairs(family, threads: threads)).run(at: 0.05)
            #expect(many.decisions == one.decisions)
            #expect(many.inCircuit == one.inCircuit)
            #expect(many.circuitMetric == one.circuitMetric)
        }
    }

    @Test("A run that is interrupted anywhere resumes to the same decisions, bit for bit")
    func resuming() throws {
        let acdc = try search(ReferencePairs("tiny-llama-gqa"))
        let whole = acdc.run(at: 0.05)
        #expect(whole.decisions.count > 60)
        for count in stride(from: 0, through: whole.decisions.count, by: 7) {
            let resumed = acdc.run(
                at: 0.05, replay: .exactly([], thenResuming: Array(whole.decisions.prefix(count))),
                journal: { (_) throws(Never) in })
            #expect(resumed.decisions == whole.decisions)
            #expect(resumed.circuitMetric == whole.circuitMetric)
        }
    }

    @Test("The journal gets every decision once, in order")
    func journal() throws {
        let acdc = try search(ReferencePairs("tiny-gpt2"))
        var logged: [Decision] = []
        let result = acdc.run(
            at: 0.05,
            journal: { (decisions) throws(Never) in
                #expect(decisions.startIndex == logged.count)
                logged += decisions
            })
        #expect(logged == result.decisions)
    }

    @Test("Runs that share decisions find the same circuits as separate runs")
    func sharedDecisions() throws {
        let acdc = try search(ReferencePairs("tiny-gpt2"))
        var path = ThresholdPath(acdc)
        let thresholds = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002]
        for threshold in thresholds {
            let number = path.run(at: threshold, journal: { (_) throws(Never) in })
            let alone = acdc.run(at: threshold)
            let shared = path.runs[number]
            #expect(shared.result.inCircuit == alone.inCircuit)
            #expect(shared.result.decisions.map(\.edge) == alone.decisions.map(\.edge))
            #expect(shared.result.decisions.map(\.removed) == alone.decisions.map(\.removed))
        }
        #expect(path.runs.contains { $0.sharedDecisions > 0 })
    }

    @Test("A run's circuit is that of every threshold in its range, and of none beyond")
    func breakPoints() throws {
        let acdc = try search(ReferencePairs("tiny-llama"))
        var path = ThresholdPath(acdc)
        let number = path.run(at: 0.1, journal: { (_) throws(Never) in })
        let run = path.runs[number]
        #expect(run.sameAbove < 0.1 && 0.1 <= run.sameUpTo)
        let inside = (run.sameAbove + run.sameUpTo) / 2
        #expect(acdc.run(at: inside).inCircuit == run.result.inCircuit)
        // At the bound itself an edge that was cut is kept: the effect is no longer less.
        let below = acdc.run(at: run.sameAbove - 1e-3 * abs(run.sameAbove))
        #expect(below.decisions.map(\.removed) != run.result.decisions.map(\.removed))
        // Decisions contradict a search that can't have made them.
        #expect(!acdc.contradicts(run.result.decisions, at: run.threshold))
        #expect(acdc.contradicts(run.result.decisions, at: 4 * run.threshold))
    }

    @Test("A circuit of a wanted size is found, or the next smaller and the next larger one")
    func wantedSize() throws {
        let acdc = try search(ReferencePairs("tiny-gpt2"))
        for count in [3, 20, 33, 60, 100] {
            var path = ThresholdPath(acdc)
            let found = path.search(edges: count, from: 0.01) { path, threshold in
                path.run(at: threshold, journal: { (_) throws(Never) in })
            }
            if let exact = found.exact {
                #expect(path.runs[exact].edgeCount == count)
            } else {
                let smaller = try #require(found.smaller)
                let larger = try #require(found.larger)
                #expect(path.runs[smaller].edgeCount < count)
                #expect(path.runs[larger].edgeCount > count)
                // Nothing lies between the two.
                #expect(path.runs[larger].sameUpTo >= path.runs[smaller].sameAbove)
            }
        }
    }

    @Test("The end state agrees with the circuit evaluated from scratch")
    func endState() throws {
        for metric in [Metric.kl, .logitDifference, .probabilityDifference] {
            let acdc = try search(ReferencePairs("tiny-llama-gqa"), metric: metric)
            let result = acdc.run(at: 0.05)
            let fresh = CircuitEvaluator(acdc.experiment).mean(of: result.inCircuit)
            #expect(abs(fresh - result.circuitMetric) < 1e-4 * max(1, abs(fresh)))
        }
    }

    @Test("A shuffled order depends on its seed alone")
    func shuffles() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let order = TraversalOrder.shuffled(seed: 5)
        let senders = order.senders(of: graph.logitsReceiver, in: graph)
        #expect(senders == order.senders(of: graph.logitsReceiver, in: graph))
        #expect(senders.sorted() == Array(graph.senders.indices))
        #expect(
            senders != TraversalOrder.shuffled(seed: 6).senders(of: graph.logitsReceiver, in: graph)
        )
    }

    @Test("Samples of all pairs give the decisions of exact tests")
    func allPairsAsSample() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa")
        let exact = try search(pairs).run(at: 0.05)
        let sampled = try search(
            pairs, sampling: PairSampling(pairsPerTest: pairs.activations.dataset.pairCount)
        ).run(at: 0.05)
        #expect(sampled.decisions.map(\.removed) == exact.decisions.map(\.removed))
        #expect(sampled.inCircuit == exact.inCircuit)
    }

    @Test("Clear decisions are made from few pairs, and the others from all pairs")
    func samples() throws {
        let pairs = try ReferencePairs("tiny-gpt2")
        let exact = try search(pairs).run(at: 0.2)
        let sampling = PairSampling(pairsPerTest: 2, errorRate: 0.1)
        let sampled = try search(pairs, sampling: sampling).run(at: 0.2)
        let audit = try #require(sampled.audit)
        #expect(audit.early > 0 && audit.early < sampled.decisions.count)
        #expect(audit.checked > 0 && audit.agreeing <= audit.checked)
        let alike = zip(sampled.inCircuit, exact.inCircuit).count { $0 == $1 }
        #expect(Double(alike) > 0.9 * Double(exact.inCircuit.count))
        #expect(
            sampled.decisions
                == (try search(pairs, sampling: sampling).run(at: 0.2)).decisions)
    }
}
