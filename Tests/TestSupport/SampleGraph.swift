package import Artifacts

extension GraphTable {
    /// The whole graph of a transformer of the given shape, built in the simplest way, so that tests
    /// can compare the library's graph with it.
    package static func sample(
        layers: Int = 2, heads: Int = 2, keyValueHeads: Int? = nil, ungrouped: Bool = false
    ) -> GraphTable {
        let groups = keyValueHeads ?? heads
        var table = GraphTable(
            nLayers: layers, nHeads: heads, nKeyValueHeads: groups, dModel: 8,
            ungroupedKeyValue: ungrouped && groups < heads, nodes: ["input"], receivers: [],
            senderOfEdge: [], receiverOfEdge: [])
        for layer in 0..<layers {
            let perHead = ungrouped || groups == heads
            for head in 0..<heads {
                table.receive("a\(layer).h\(head)<q>")
                if perHead {
                    table.receive("a\(layer).h\(head)<k>")
                    table.receive("a\(layer).h\(head)<v>")
                }
            }
            if !perHead {
                for group in 0..<groups {
                    table.receive("a\(layer).kv\(group)<k>")
                    table.receive("a\(layer).kv\(group)<v>")
                }
            }
            table.nodes += (0..<heads).map { "a\(layer).h\($0)" }
            table.receive("m\(layer)")
            table.nodes.append("m\(layer)")
        }
        table.receive("logits")
        table.nodes.append("logits")
        return table
    }

    /// Adds a receiver that every node so far feeds.
    private mutating func receive(_ name: String) {
        for sender in nodes.indices {
            senderOfEdge.append(Int32(sender))
            receiverOfEdge.append(Int32(receivers.count))
        }
        receivers.append(name)
    }
}

extension CircuitArtifact {
    /// The circuit of `graph` with the named edges, each with its score, and the nodes they join.
    package static func sample(
        _ graph: GraphTable = .sample(), edges: [String: Float], nodes: Set<String> = [],
        threshold: Double? = 0.1
    ) -> CircuitArtifact {
        let names = (0..<graph.edgeCount).map { graph.edgeName($0) }
        var joined = nodes
        for name in edges.keys {
            for end in name.split(separator: "->") {
                joined.insert(String(end.prefix { $0 != "<" }))
            }
        }
        return CircuitArtifact(
            model: ModelReference(
                name: "tiny", path: "", digest: String(repeating: "0", count: 64), family: "gpt2"),
            graph: graph, inCircuit: names.map { edges[$0] != nil },
            nodeInCircuit: graph.nodes.map(joined.contains),
            scores: names.map { edges[$0] ?? .nan },
            method: "acdc", metric: "kl", fullMetric: 0, circuitMetric: 0.5, corruptedMetric: 2,
            threshold: threshold, order: "cli")
    }
}
