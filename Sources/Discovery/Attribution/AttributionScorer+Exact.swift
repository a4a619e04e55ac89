import Basics
import CKernels
import CircuitRuns
import Engine
import Experiments
import Graphs
import Models

extension AttributionScorer {
    /// The loss with each edge cut by itself, minus the loss of the full model.
    ///
    /// Only what an edge reaches is computed again, and the edges of a receiver are evaluated side by
    /// side, as in a search by ACDC. Edges that aren't to be scored are NaN.
    func exactScores(
        perPair: Bool, _ progress: (Int, Int) -> Void
    ) -> AttributionScores {
        let state = CircuitState(experiment, rows: ActiveRows(experiment))
        state.keepEverything()
        let needs = graph.needs(present: state.present)
        let scratch = ScratchPool(workers: transformer.pool.threads)
        let pairCount = experiment.pairCount
        let edgeCount = graph.edgeCount
        let kept = perPair ? FloatBuffer(zeros: pairCount * edgeCount) : nil
        var mean = [Float](repeating: 0, count: edgeCount)
        if let scored = options.scoredEdges {
            for edge in mean.indices where !scored[edge] {
                mean[edge] = .nan
                for pair in 0..<pairCount { kept?.values[pair * edgeCount + edge] = .nan }
            }
        }
        var baseline: [Double]?
        let receivers = graph.receivers.indices.reversed().filter { receiver in
            graph.edges(into: receiver).contains { options.scoredEdges?[$0] ?? true }
        }
        for (done, receiver) in receivers.enumerated() {
            // A layer without receivers to score lies behind others all the same.
            for layer in (graph.receivers[receiver].layer ?? graph.nLayers)..<graph.nLayers {
                state.enter(layer: layer, needs)
            }
            guard let probe = ReceiverProbe(receiver, state, scratch) else { continue }
            let full = baseline ?? probe.evaluateOneByOne([])
            baseline = full
            let most = probe.mostVariants
            let senders = (0..<graph.senderCount(of: receiver)).filter {
                options.scoredEdges?[graph.edgeStart[receiver] + $0] ?? true
            }
            for first in stride(from: 0, to: senders.count, by: most) {
                let wave = senders[first..<min(first + most, senders.count)]
                let values = probe.evaluateOneByOne(wave)
                for (number, sender) in wave.enumerated() {
                    let edge = graph.edgeStart[receiver] + sender
                    var sum = 0.0
                    for pair in 0..<pairCount {
                        let change =
                            metric.lossSign
                            * (values[pair * wave.count + number] - full[pair])
                        kept?.values[pair * edgeCount + edge] = Float(change)
                        sum += change
                    }
                    mean[edge] = Float(sum / Double(max(1, pairCount)))
                }
            }
            progress(done + 1, receivers.count)
        }
        return AttributionScores(mean: mean, perPair: kept)
    }
}
