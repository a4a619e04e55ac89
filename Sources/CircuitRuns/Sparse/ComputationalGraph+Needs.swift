import Graphs

/// What of the graph matters in a circuit.
extension ComputationalGraph {
    /// The rows at which each sender matters to the metric, given the edges of a circuit; nil where
    /// it doesn't matter at all.
    package func needs(present: [Bool]) -> [ActiveRows.Extent?] {
        var needs: [ActiveRows.Extent?] = Array(repeating: nil, count: senders.count)
        func require(_ extent: ActiveRows.Extent, from receiver: Int) {
            let start = edgeStart[receiver]
            for sender in 0..<senderCount(of: receiver) where present[start + sender] {
                if (needs[sender]?.rawValue ?? -1) < extent.rawValue { needs[sender] = extent }
            }
        }
        require(.end, from: logitsReceiver)
        for layer in stride(from: nLayers - 1, through: 0, by: -1) {
            if let extent = needs[sender(mlp: layer)] {
                require(extent, from: receiver(mlp: layer))
            }
            for head in 0..<nHeads {
                guard let extent = needs[sender(layer: layer, head: head)] else { continue }
                require(extent, from: receiver(layer: layer, head: head, .query))
                // A position's output depends on the keys and values of all positions before it.
                require(.all, from: receiver(layer: layer, head: head, .key))
                require(.all, from: receiver(layer: layer, head: head, .value))
            }
        }
        return needs
    }
}
