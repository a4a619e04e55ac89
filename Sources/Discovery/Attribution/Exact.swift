package import Basics
import CircuitRuns
import Engine
package import Experiments
package import Graphs

/// Every edge cut by itself, without an approximation:
///
///     S(u -> r) = mean over pairs of L(full model without u -> r) - L(full model)
///
/// Under resampling it is path patching of a single edge (Goldowsky-Dill et al. 2023,
/// arXiv:2304.05969). Only what an edge reaches is computed again, and the edges of a receiver are
/// evaluated side by side, as in a search by ACDC.
package struct Exact: ScoringMethod {
    package static let name = "exact"
    package static let meaning = ScoreMeaning.effect
    package static let progressUnit = "receivers"
    package static var parameters: [MethodParameter<Self>] {
        [MethodParameter(.receivers, \.receivers), MethodParameter(.circuit, \.circuit)]
    }

    /// The names of the receivers whose edges alone are scored; nil is all.
    package var receivers: [String]?
    /// The circuit whose edges alone are scored, `[edge]`; nil is the full model.
    package var circuit: [Bool]?

    package init() {}

    /// Of some edges only, `[edge]`.
    package init(circuit: [Bool]) { self.circuit = circuit }

    package func checkFit(to graph: ComputationalGraph) throws(Failure) {
        _ = try scoredEdges(of: graph)
    }

    /// Which edges are scored, `[edge]`; the others have no score, NaN.
    private func scoredEdges(of graph: ComputationalGraph) throws(Failure) -> [Bool] {
        try graph.requireCircuit(circuit)
        let chosen = try receivers.map { names throws(Failure) in try graph.receivers(named: names)
        }
        return (0..<graph.edgeCount).map { edge in
            (chosen?.contains(graph.receiver(ofEdge: edge)) ?? true) && (circuit?[edge] ?? true)
        }
    }

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        let graph = experiment.graph
        let isScored = try scoredEdges(of: graph)
        var scores = EdgeChanges(
            experiment, isScored, keepingPairs: resolution.contains(.pairs))

        let state = CircuitState(experiment, rows: ActiveRows(experiment))
        state.keepEverything()
        let needs = graph.needs(present: state.present)
        let scratch = ScratchPool(workers: experiment.transformer.pool.threads)
        var baseline: [Double]?
        let receivers = graph.receivers.indices.reversed().filter { receiver in
            graph.edges(into: receiver).contains { isScored[$0] }
        }
        for (done, receiver) in receivers.enumerated() {
            // Layers without receivers to score are entered too: what comes before passes through them.
            for layer in (graph.receivers[receiver].layer ?? graph.nLayers)..<graph.nLayers {
                state.enter(layer: layer, needs)
            }
            guard let probe = ReceiverProbe(receiver, state, scratch) else { continue }
            let full = baseline ?? probe.evaluateOneByOne([])
            baseline = full
            let firstEdge = graph.edgeStart[receiver]
            let cuts = (0..<graph.senderCount(of: receiver)).filter { isScored[firstEdge + $0] }
                .map { EdgeCut($0) }
            for first in stride(from: 0, to: cuts.count, by: probe.mostOneByOne) {
                let wave = cuts[first..<min(first + probe.mostOneByOne, cuts.count)]
                scores.set(
                    wave.map { firstEdge + $0.senders.lowerBound },
                    cut: probe.evaluateOneByOne(wave), full: full)
            }
            progress(ScoringProgress(done: done + 1, all: receivers.count))
        }
        return AttributionScores(
            mean: scores.mean, losses: ReferenceLosses(of: experiment), perPair: scores.perPair)
    }
}

/// How much the loss changes where single edges are cut.
private struct EdgeChanges {
    /// `[edge]`
    private(set) var mean: [Float]
    /// `[pair, edge]`, if they are kept.
    let perPair: FloatBuffer?
    private let lossSign: Double

    init(_ experiment: Experiment, _ isScored: [Bool], keepingPairs: Bool) {
        lossSign = experiment.metric.lossSign
        mean = isScored.map { $0 ? 0 : .nan }
        perPair = keepingPairs ? FloatBuffer(count: experiment.pairCount * isScored.count) : nil
        guard let perPair else { return }
        for pair in 0..<experiment.pairCount {
            for (edge, score) in mean.enumerated() {
                perPair.values[pair * isScored.count + edge] = score
            }
        }
    }

    /// Sets the changes of some edges.
    /// - Parameters:
    ///   - cut: the metric with each of them cut, `[pair, edge of edges]`.
    ///   - full: the metric of the full model, `[pair]`.
    mutating func set(_ edges: [Int], cut: [Double], full: [Double]) {
        for (number, edge) in edges.enumerated() {
            var sum = 0.0
            for pair in full.indices {
                let change = lossSign * (cut[pair * edges.count + number] - full[pair])
                perPair?.values[pair * mean.count + edge] = Float(change)
                sum += change
            }
            mean[edge] = Float(sum / Double(max(1, full.count)))
        }
    }
}

extension ParameterName<[String]> {
    /// Names of receivers: `m3`, `logits`, `a3.h7<q>`, `a3.h7`.
    package static var receivers: Self { Self("receivers") }
}

extension ParameterName<[Bool]> {
    /// The edges of a circuit of the same graph, `[edge]`.
    package static var circuit: Self { Self("circuit") }
}
