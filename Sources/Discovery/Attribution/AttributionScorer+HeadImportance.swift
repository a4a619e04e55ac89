import Engine
import Experiments
import Graphs

extension AttributionScorer {
    /// HISP: a sender's gradient is the sum of those of its edges, so it comes from the scores of
    /// EAP in each pair.
    func headImportance(_ progress: (Int, Int) -> Void) throws -> AttributionScores {
        let scores = try gradientScores(by: .eap, perPair: true, progress)
        guard let perPair = scores.perPair else { return scores }
        let pairCount = clean.layout.promptCount
        var nodes = [Float](repeating: 0, count: graph.senders.count + 1)
        for pair in 0..<pairCount {
            let ofPair = perPair.values + pair * graph.edgeCount
            var gradients = [Float](repeating: 0, count: graph.senders.count)
            for receiver in graph.receivers.indices {
                let start = graph.edgeStart[receiver]
                for sender in 0..<graph.senderCount(of: receiver) {
                    gradients[sender] += ofPair[start + sender]
                }
            }
            for sender in gradients.indices { nodes[sender] += abs(gradients[sender]) }
        }
        normalizeByLayer(&nodes)
        var edges: [Float] = []
        edges.reserveCapacity(graph.edgeCount)
        for receiver in graph.receivers.indices {
            edges += nodes[..<graph.senderCount(of: receiver)]
        }
        return AttributionScores(mean: edges, perPair: nil, ofNodes: nodes)
    }

    /// Gives the senders of a layer together, and `input`, the length 1.
    private func normalizeByLayer(_ nodes: inout [Float]) {
        let ofLayer = graph.nHeads + 1
        let layers = (0..<graph.nLayers).map { 1 + $0 * ofLayer..<1 + ($0 + 1) * ofLayer }
        for layer in [0..<1] + layers {
            let norm = nodes[layer].reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 0 { for node in layer { nodes[node] /= norm } }
        }
    }
}
