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
            if hasMLP, let extent = needs[sender(mlp: layer)] {
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

    /// The positions at which each sender matters to the metric, `[sender][position]`, given the edges
    /// of a circuit by position.
    /// - Parameters:
    ///   - present: `[edge][position]`.
    ///   - isCausal: whether positions see only those before them.
    func neededPositions(present: [Bool], positionCount: Int, isCausal: Bool) -> [[Bool]] {
        let never = [Bool](repeating: false, count: positionCount)
        var needed = [[Bool]](repeating: never, count: senders.count)
        func require(_ positions: [Bool], from receiver: Int) {
            let wanted = positions.indices.filter { positions[$0] }
            for sender in 0..<senderCount(of: receiver) {
                let first = (edgeStart[receiver] + sender) * positionCount
                for position in wanted where present[first + position] {
                    needed[sender][position] = true
                }
            }
        }
        require(never.map { _ in true }, from: logitsReceiver)
        for layer in stride(from: nLayers - 1, through: 0, by: -1) {
            if hasMLP { require(needed[sender(mlp: layer)], from: receiver(mlp: layer)) }
            var ofKeys = [[Bool]](repeating: never, count: keyReceiverCount)
            for head in 0..<nHeads {
                let own = needed[sender(layer: layer, head: head)]
                guard let last = own.lastIndex(of: true) else { continue }
                require(own, from: receiver(layer: layer, head: head, .query))
                let key = keyReceiver(ofHead: head)
                for position in 0...(isCausal ? last : positionCount - 1) {
                    ofKeys[key][position] = true
                }
            }
            for key in ofKeys.indices where ofKeys[key].contains(true) {
                let head = heads(ofKeyReceiver: key).lowerBound
                require(ofKeys[key], from: receiver(layer: layer, head: head, .key))
                require(ofKeys[key], from: receiver(layer: layer, head: head, .value))
            }
        }
        return needed
    }
}
