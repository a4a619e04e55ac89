package import Artifacts
import Engine
package import Experiments
import Graphs

/// Head importance (Michel et al. 2019, arXiv:1905.10650) of every sender: the size of the loss's
/// gradient at a mask on its output, summed over pairs and L2-normalised by layer. An edge has the
/// score of its sender.
///
///     I(u) = sum over pairs of |sum_r sum_t (ablated_u - clean_u)_t . g_{r,t}|
///     S(u -> r) = I(u) / |I of the layer of u|₂
///
/// The gradient at a sender's mask is the sum of those at its edges, so the inner sum is that of the
/// edges' scores by `EAP` in a pair.
package struct HISP: ScoringMethod {
    package static let name = "hisp"
    package static let needsWholePairs = true
    package static let meaning = ScoreMeaning.importance
    package static let needsGradient = true
    package static let usesCleanGradientOnly = true
    package static let reasonAgainstPairScores: String? = "hisp is a sum over pairs"
    package static let runOfFirstPass: ActivationRun? = EAP.runOfFirstPass

    package init() {}

    package func scores(
        of experiment: Experiment, resolution: ScoreResolution, progress: ScoringProgress.Receiver
    ) throws -> AttributionScores {
        let graph = experiment.graph
        let eap = try EAP().scores(of: experiment, resolution: .pairs, progress: progress)
        guard let ofPairs = eap.perPair else { return eap }
        var nodes = [Float](repeating: 0, count: graph.senders.count + 1)
        for pair in 0..<experiment.pairCount {
            let ofPair = ofPairs.values + pair * graph.edgeCount
            var gradients = [Float](repeating: 0, count: graph.senders.count)
            for receiver in graph.receivers.indices {
                let start = graph.edgeStart[receiver]
                for sender in 0..<graph.senderCount(of: receiver) {
                    gradients[sender] += ofPair[start + sender]
                }
            }
            for sender in gradients.indices { nodes[sender] += abs(gradients[sender]) }
        }
        Self.normalizeByLayer(&nodes, graph)
        var edges: [Float] = []
        edges.reserveCapacity(graph.edgeCount)
        for receiver in graph.receivers.indices {
            edges += nodes[..<graph.senderCount(of: receiver)]
        }
        return AttributionScores(mean: edges, losses: eap.losses, ofNodes: nodes)
    }

    /// Scales the senders of a layer together, and `input`, to the length 1.
    private static func normalizeByLayer(_ nodes: inout [Float], _ graph: ComputationalGraph) {
        let ofLayer = graph.sendersPerLayer
        let layers = (0..<graph.nLayers).map { 1 + $0 * ofLayer..<1 + ($0 + 1) * ofLayer }
        for layer in [0..<1] + layers {
            let norm = nodes[layer].reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 0 { for node in layer { nodes[node] /= norm } }
        }
    }
}
