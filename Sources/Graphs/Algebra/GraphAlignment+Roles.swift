package import Artifacts

extension GraphAlignment {
    /// Aligns heads as they were matched by role, MLPs by relative depth. Nodes have names of the first
    /// graph; heads without a counterpart have none.
    ///
    /// The k and v inputs of a key-value head of the second graph are held for those of the one in the
    /// first whose heads its own were matched with; of several, the one with the most similarity.
    package static func byRole(
        _ first: GraphTable, _ second: GraphTable, matching: HeadMatching
    ) -> GraphAlignment {
        var counterparts: [NodeAddress: (head: NodeAddress, similarity: Double)] = [:]
        var own: [NodeAddress: (head: NodeAddress, similarity: Double)] = [:]
        for match in matching.matches {
            guard let mine = NodeAddress(match.first.name),
                let theirs = NodeAddress(match.second.name)
            else { continue }
            counterparts[theirs] = (mine, match.similarity.value)
            own[mine] = (mine, match.similarity.value)
        }
        let depths = max(1, min(first.nLayers, second.nLayers))
        func names(
            of graph: GraphTable, _ matched: [NodeAddress: (head: NodeAddress, similarity: Double)]
        )
            -> Names
        {
            let naming = RoleNaming(
                graph: graph, first: first, depths: depths, matched: matched)
            return Names(
                nodes: graph.nodes.map(naming.name), receivers: graph.receivers.map(naming.name))
        }
        return GraphAlignment(
            method: .role, statement: statement(first, second, matching, depths: depths),
            first: names(of: first, own), second: names(of: second, counterparts),
            matching: matching)
    }

    private static func statement(
        _ first: GraphTable, _ second: GraphTable, _ matching: HeadMatching, depths: Int
    ) -> [String] {
        let count = matching.matches.count
        var statement = [
            "Heads are aligned by the part they play, MLPs by relative depth "
                + "(\(shape(of: first)) against \(shape(of: second))).",
            "\(count) of the first circuit's \(count + matching.unmatchedFirst.count) heads and the "
                + "second's \(count + matching.unmatchedSecond.count) have a counterpart.",
            "Compared: \(matching.parts.map(\.rawValue).joined(separator: ", ")).",
            "Nodes and layers below have the first's names and numbers.",
        ]
        if first.nLayers != second.nLayers {
            statement.append(layerStatement(first.nLayers, second.nLayers, depths: depths))
        }
        if first.nLayers > second.nLayers {
            statement.append("MLPs of one depth are one node, named as the first of them.")
        }
        return statement
    }
}

/// What the nodes of one graph are called, in the first graph's numbering.
private struct RoleNaming {
    let graph: GraphTable
    let first: GraphTable
    let depths: Int
    /// The first's head for each matched head of `graph`.
    let matched: [NodeAddress: (head: NodeAddress, similarity: Double)]

    /// The common name of a node or receiver; nil where it has none.
    func name(_ name: String) -> String? {
        guard let address = NodeAddress(name) else { return nil }
        switch address.role {
        case .input, .logits: return address.roleName
        case .mlp: return address.layer.flatMap(mlpName)
        case .attention, .keyValueHead:
            guard let slot = address.slot, slot != "q" else {
                guard address.role == .attention, let layer = address.layer,
                    let head = address.head, var common = matched[layer, head]?.head
                else { return nil }
                common.slot = address.slot
                return common.name
            }
            return keyValueName(address, slot: slot)
        }
    }

    /// The first of the first graph's layers at the depth of a layer.
    private func mlpName(_ layer: Int) -> String? {
        guard (0..<graph.nLayers).contains(layer) else { return nil }
        let depth = GraphAlignment.depth(ofLayer: layer, of: graph.nLayers, depths: depths)
        let common = (0..<first.nLayers).first {
            GraphAlignment.depth(ofLayer: $0, of: first.nLayers, depths: depths) == depth
        }
        return common.map { NodeAddress(.mlp, layer: $0).name }
    }

    /// The k or v input of the first's key-value head that a key-value head's readers were matched with.
    private func keyValueName(_ address: NodeAddress, slot: Character) -> String? {
        guard let layer = address.layer, let head = address.head else { return nil }
        let size = graph.headsPerKeyValueHead
        let group = address.role == .keyValueHead ? head : graph.keyValueHead(ofHead: head)
        var similarities: [NodeAddress: Double] = [:]
        for reader in group * size..<(group + 1) * size {
            guard let match = matched[layer, reader], let common = match.head.head else { continue }
            let isShared = first.nKeyValueHeads < first.nHeads
            let receiver = NodeAddress(
                isShared ? .keyValueHead : .attention, layer: match.head.layer,
                head: isShared ? first.keyValueHead(ofHead: common) : common, slot: slot)
            similarities[receiver, default: 0] += match.similarity
        }
        return similarities.max { ($0.value, $1.key.name) < ($1.value, $0.key.name) }?.key.name
    }
}

extension [NodeAddress: (head: NodeAddress, similarity: Double)] {
    fileprivate subscript(layer: Int, head: Int) -> Value? {
        self[NodeAddress(.attention, layer: layer, head: head)]
    }
}
