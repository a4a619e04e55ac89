import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// How the work of a wave is spread over threads.
@Suite("Units of work")
struct WorkUnitTests {
    /// A probe of a layer's MLP in the whole graph on the file's pairs, so many times.
    private func probe(times: Int, threads: Int = 1, layer: Int = 0) throws -> ReceiverProbe {
        let pairs = try ReferencePairs("tiny-gpt2", times: times, threads: threads)
        let experiment = try pairs.experiment(.kl)
        let state = CircuitState(experiment, rows: ActiveRows(experiment))
        let graph = experiment.graph
        let receiver = graph.receiver(mlp: layer)
        let behind = graph.receivers.indices.filter { $0 > receiver }
        for other in behind { state.settle(other) }
        for later in layer + 1..<graph.nLayers { state.enter(layer: later, state.needs) }
        return try #require(ReceiverProbe(receiver, state, ScratchPool(workers: threads)))
    }

    /// The variants of pairs that each worker evaluates, where a free worker takes the next unit and
    /// a unit takes as long as it has variants of pairs.
    private func loads(_ units: [WorkUnit], threads: Int) -> [Int] {
        var loads = [Int](repeating: 0, count: threads)
        for unit in units {
            let next = loads.indices.min { loads[$0] < loads[$1] } ?? 0
            loads[next] += unit.pairs.count * unit.variants.count
        }
        return loads
    }

    @Test("Units hold every variant of every pair once", arguments: [1, 2, 5, 16, 33, 64])
    func cover(variants: Int) throws {
        let probe = try probe(times: 9)
        let seen = probe.units(variants: variants).flatMap { unit in
            unit.pairs.flatMap { pair in unit.variants.map { [pair, $0] } }
        }
        #expect(seen.count == probe.pairCount * variants)
        #expect(Set(seen).count == seen.count)
    }

    @Test(
        "No thread idles where there is work enough, and none has much more than others",
        arguments: [2, 8, 32, 64], [0, 1])
    func balance(threads: Int, layer: Int) throws {
        let probe = try probe(times: 64, layer: layer)
        let variants = probe.mostOneByOne
        let units = probe.units(variants: variants)
        let loads = loads(units, threads: threads)
        let mean = Double(probe.pairCount * variants) / Double(threads)
        #expect(loads.allSatisfy { $0 > 0 })
        #expect(Double(try #require(loads.max())) <= 1.5 * mean)
    }

    @Test("Waves are as wide with many pairs as with few")
    func waves() throws {
        let few = try probe(times: 2)
        let many = try probe(times: 64)
        #expect(many.pairCount == 32 * few.pairCount)
        #expect(many.mostVariants == few.mostVariants)
        #expect(many.mostOneByOne == few.mostOneByOne)
    }

    @Test("Values of a pair depend neither on threads nor on the pairs behind its piece")
    func values() throws {
        // As many variants as make pieces short: an edge is cut several times.
        let count = 24
        func values(_ probe: ReceiverProbe) -> [Double] {
            probe.evaluateOneByOne((0..<count).map { EdgeCut($0 % 3) }[...])
        }
        let few = try probe(times: 16)
        let ofFew = values(few)
        // The first half is in whole pieces of 128 rows, as forward passes have them.
        let whole = few.pairCount / 2
        for (times, threads) in [(16, 3), (32, 1), (32, 8), (32, 64)] {
            let ofMany = values(try probe(times: times, threads: threads))
            #expect(ofMany.prefix(whole * count) == ofFew.prefix(whole * count))
            if times == 16 { #expect(ofMany == ofFew) }
        }
    }
}
