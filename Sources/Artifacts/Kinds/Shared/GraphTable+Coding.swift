extension GraphTable {
    /// Adds the groups `graph`, `nodes`, `receivers` and `edges`.
    func write(into root: inout ContentGroup) throws(ArtifactError) {
        try require(
            senderOfEdge.count == receiverOfEdge.count,
            "a graph with \(senderOfEdge.count) senders of edges and \(receiverOfEdge.count) receivers"
        )
        var graph = ContentGroup()
        graph.set("n_layers", nLayers)
        graph.set("n_heads", nHeads)
        graph.set("n_key_value_heads", nKeyValueHeads)
        graph.set("d_model", dModel)
        graph.set("parallel_attn_mlp", parallelAttentionMLP)
        graph.set("ungrouped_key_value", ungroupedKeyValue)
        graph.set("level", level)
        root.groups["graph"] = graph
        root.groups["nodes", default: ContentGroup()].set(
            "name", nodes, dim: "node", isScale: true)
        root.groups["receivers", default: ContentGroup()].set(
            "name", receivers, dim: "receiver", isScale: true)
        root.groups["edges", default: ContentGroup()].set("sender", senderOfEdge, dim: "edge")
        root.groups["edges", default: ContentGroup()].set("receiver", receiverOfEdge, dim: "edge")
    }

    /// Decodes the graph from the root group of an artifact.
    init(from root: ContentGroup) throws(ArtifactError) {
        let graph = try root.group("graph")
        let nodes = try root.group("nodes").values("name", as: String.self)
        try check(nodes.last == "logits", at: "/nodes/name", "the last node isn't logits")
        try check(Set(nodes).count == nodes.count, at: "/nodes/name", "a name is there twice")
        let receivers = try root.group("receivers").values("name", as: String.self)
        try check(
            Set(receivers).count == receivers.count, at: "/receivers/name", "a name is there twice")
        let edges = try root.group("edges")
        self.init(
            nLayers: try graph.integer("n_layers"), nHeads: try graph.integer("n_heads"),
            nKeyValueHeads: try graph.integer("n_key_value_heads"),
            dModel: try graph.integer("d_model"),
            parallelAttentionMLP: try graph.flag("parallel_attn_mlp"),
            ungroupedKeyValue: try graph.flag("ungrouped_key_value"),
            level: try graph.text("level"), nodes: nodes, receivers: receivers,
            senderOfEdge: try edges.values("sender"), receiverOfEdge: try edges.values("receiver"))
    }
}
