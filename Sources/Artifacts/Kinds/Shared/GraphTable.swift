/// How a computational graph is stored: its shape, its nodes and receivers by name, its edges as
/// indices into them. Shared by the kinds `edge-scores`, `circuit` and `evaluation`.
package struct GraphTable: Hashable, Sendable {
    /// Layers of the model.
    package var nLayers: Int
    /// Query heads of a layer.
    package var nHeads: Int
    /// Key-value heads of a layer; `nHeads` without grouped-query attention.
    package var nKeyValueHeads: Int
    /// Width of the residual stream.
    package var dModel: Int
    /// Whether attention and MLP of a layer read the same residual stream (GPT-NeoX), so that there
    /// is no edge from a head to the MLP of its layer.
    package var parallelAttentionMLP: Bool
    /// Whether there are k and v receivers for each query head although query heads share keys and
    /// values in the model.
    package var ungroupedKeyValue: Bool
    /// The level of the graph: `layer`, `head`, `edge` (the default: heads with q, k and v inputs),
    /// `neuron` or `position`.
    package var level: String
    /// The nodes in order of computation: `input`, `a0.h0`, ..., `m0`, ..., and `logits` last. All
    /// but `logits` are senders.
    package var nodes: [String]
    /// The receivers: `a0.h0<q>`, `a0.h0<k>`, ... (`a0.kv0<k>` per key-value head where they are
    /// grouped), `m0`, ..., `logits`.
    package var receivers: [String]
    /// The sender of each edge, an index into `nodes`. Shape `[edge]`.
    package var senderOfEdge: [Int32]
    /// The receiver of each edge, an index into `receivers`. Shape `[edge]`.
    package var receiverOfEdge: [Int32]

    /// The level of a graph whose nodes exist once for each position.
    package static let positionLevel = "position"
    /// Whether nodes exist once for each position, as `a3.h7@12`.
    package var isByPosition: Bool { level == Self.positionLevel }

    /// Makes a table from its columns.
    package init(
        nLayers: Int, nHeads: Int, nKeyValueHeads: Int, dModel: Int,
        parallelAttentionMLP: Bool = false, ungroupedKeyValue: Bool = false,
        level: String = "edge", nodes: [String], receivers: [String], senderOfEdge: [Int32],
        receiverOfEdge: [Int32]
    ) {
        self.nLayers = nLayers
        self.nHeads = nHeads
        self.nKeyValueHeads = nKeyValueHeads
        self.dModel = dModel
        self.parallelAttentionMLP = parallelAttentionMLP
        self.ungroupedKeyValue = ungroupedKeyValue
        self.level = level
        self.nodes = nodes
        self.receivers = receivers
        self.senderOfEdge = senderOfEdge
        self.receiverOfEdge = receiverOfEdge
    }

    /// The number of edges.
    package var edgeCount: Int { senderOfEdge.count }

    /// How many query heads share a key-value head: `nHeads / nKeyValueHeads`, at least 1.
    package var headsPerKeyValueHead: Int { max(1, nHeads / max(1, nKeyValueHeads)) }

    /// The key-value head whose keys and values a query head of the same layer reads.
    package func keyValueHead(ofHead head: Int) -> Int { head / headsPerKeyValueHead }

    /// The name of an edge as the MIB benchmark writes it, for example `m1->a3.h7<q>`.
    package func edgeName(_ edge: Int) -> String {
        nodes[Int(senderOfEdge[edge])] + "->" + receivers[Int(receiverOfEdge[edge])]
    }
}
