package import Artifacts
package import Basics

/// The computational graph of a transformer at the level of heads with separate q, k and v inputs.
///
/// Senders and receivers are numbered in order of computation. A receiver reads every sender
/// before it in the residual stream, so its edges are one run of sender numbers from 0: edge
/// `edgeStart[receiver] + sender`. The counts are those of the field's other tools (GPT-2 small:
/// 32,491).
package struct ComputationalGraph: Hashable, Sendable {
    /// Number of layers.
    package let nLayers: Int
    /// Query heads a layer.
    package let nHeads: Int
    /// Key and value heads a layer.
    package let nKeyValueHeads: Int
    /// Width of the residual stream.
    package let dModel: Int
    /// Whether attention and MLP of a layer read the same stream.
    package let parallelAttentionMLP: Bool
    /// Whether each query head has its own k and v receivers although the model shares them.
    package let ungroupedKeyValue: Bool
    /// Whether layers have an MLP; attention-only models, such as that of the docstring circuit, don't.
    package let hasMLP: Bool

    /// `input`, then per layer its heads and its MLP.
    package let senders: [Node]
    /// Per layer q, k, v of every head and the MLP; `logits` last.
    package let receivers: [Receiver]
    /// The edges of receiver `r` are `edgeStart[r] ..< edgeStart[r + 1]`.
    package let edgeStart: [Int]

    /// The graph of these dimensions.
    package init(
        nLayers: Int, nHeads: Int, nKeyValueHeads: Int, dModel: Int,
        parallelAttentionMLP: Bool = false, ungroupedKeyValue: Bool = false, hasMLP: Bool = true
    ) {
        self.nLayers = nLayers
        self.nHeads = nHeads
        self.nKeyValueHeads = nKeyValueHeads
        self.dModel = dModel
        self.parallelAttentionMLP = parallelAttentionMLP
        self.hasMLP = hasMLP
        let shared = nKeyValueHeads < nHeads && !ungroupedKeyValue
        self.ungroupedKeyValue = nKeyValueHeads < nHeads && ungroupedKeyValue

        var senders: [Node] = [.input]
        var receivers: [Receiver] = []
        var edgeStart = [0]
        func append(_ receiver: Receiver, readingFirst count: Int) {
            receivers.append(receiver)
            edgeStart.append(edgeStart[edgeStart.count - 1] + count)
        }
        for layer in 0..<nLayers {
            let before = senders.count
            for head in 0..<nHeads {
                append(.head(layer: layer, head: head, .query), readingFirst: before)
            }
            for input in [AttentionInput.key, .value] {
                if shared {
                    for group in 0..<nKeyValueHeads {
                        append(.group(layer: layer, group: group, input), readingFirst: before)
                    }
                } else {
                    for head in 0..<nHeads {
                        append(.head(layer: layer, head: head, input), readingFirst: before)
                    }
                }
            }
            senders += (0..<nHeads).map { .head(layer: layer, head: $0) }
            guard hasMLP else { continue }
            append(.mlp(layer: layer), readingFirst: parallelAttentionMLP ? before : senders.count)
            senders.append(.mlp(layer: layer))
        }
        append(.logits, readingFirst: senders.count)
        self.senders = senders
        self.receivers = receivers
        self.edgeStart = edgeStart
    }

    /// Number of edges.
    package var edgeCount: Int { edgeStart[receivers.count] }
    /// Number of key (or value) receivers in a layer.
    package var keyReceiverCount: Int { ungroupedKeyValue ? nHeads : nKeyValueHeads }
    /// Number of receivers in a layer.
    package var receiversPerLayer: Int { nHeads + 2 * keyReceiverCount + (hasMLP ? 1 : 0) }
    /// Number of senders in a layer.
    package var sendersPerLayer: Int { nHeads + (hasMLP ? 1 : 0) }
    /// The number of the receiver `logits`.
    package var logitsReceiver: Int { receivers.count - 1 }

    /// The number of a head as a sender.
    package func sender(layer: Int, head: Int) -> Int { 1 + layer * sendersPerLayer + head }
    /// The number of an MLP as a sender, of a graph that has them.
    package func sender(mlp layer: Int) -> Int { 1 + layer * sendersPerLayer + nHeads }

    /// The receiver that makes the queries, keys or values of a head.
    package func receiver(layer: Int, head: Int, _ input: AttentionInput) -> Int {
        let start = layer * receiversPerLayer
        let shared = keyReceiver(ofHead: head)
        return switch input {
        case .query: start + head
        case .key: start + nHeads + shared
        case .value: start + nHeads + keyReceiverCount + shared
        }
    }
    /// The receiver of an MLP, of a graph that has them.
    package func receiver(mlp layer: Int) -> Int { (layer + 1) * receiversPerLayer - 1 }

    /// The number of the keys (or values) of a layer that a head reads.
    package func keyReceiver(ofHead head: Int) -> Int { head * keyReceiverCount / nHeads }

    /// The heads that read the keys or values number `index` of a layer.
    package func heads(ofKeyReceiver index: Int) -> Range<Int> {
        let size = nHeads / keyReceiverCount
        return index * size..<(index + 1) * size
    }

    /// The senders whose output depends on a receiver's input.
    package func senders(fedBy receiver: Int) -> [Int] {
        switch receivers[receiver] {
        case .head(let layer, let head, let kind):
            kind == .query || keyReceiverCount == nHeads ? [sender(layer: layer, head: head)] : []
        case .group(let layer, let group, _):
            heads(ofKeyReceiver: group).map { sender(layer: layer, head: $0) }
        case .mlp(let layer): [sender(mlp: layer)]
        case .logits: []
        }
    }

    /// The edges into a receiver.
    package func edges(into receiver: Int) -> Range<Int> {
        edgeStart[receiver]..<edgeStart[receiver + 1]
    }

    /// The number of senders that a receiver reads: 0 ..< this.
    package func senderCount(of receiver: Int) -> Int {
        edgeStart[receiver + 1] - edgeStart[receiver]
    }

    /// The edge between a sender and a receiver, or nil if the sender comes too late.
    package func edge(from sender: Int, to receiver: Int) -> Int? {
        sender < senderCount(of: receiver) ? edgeStart[receiver] + sender : nil
    }

    /// The receiver that an edge ends at.
    package func receiver(ofEdge edge: Int) -> Int {
        var low = 0
        var high = receivers.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if edgeStart[middle] <= edge { low = middle } else { high = middle }
        }
        return low
    }

    /// The sender that an edge starts from.
    package func sender(ofEdge edge: Int) -> Int { edge - edgeStart[receiver(ofEdge: edge)] }

    /// `m1->a3.h7<q>`
    package func name(ofEdge edge: Int) -> String {
        senders[sender(ofEdge: edge)].name + "->" + receivers[receiver(ofEdge: edge)].name
    }
}

extension ComputationalGraph {
    /// The graph as artifacts store it; edge numbers stay the same.
    package var table: GraphTable {
        var senderOfEdge: [Int32] = []
        var receiverOfEdge: [Int32] = []
        senderOfEdge.reserveCapacity(edgeCount)
        receiverOfEdge.reserveCapacity(edgeCount)
        for receiver in receivers.indices {
            for sender in 0..<senderCount(of: receiver) {
                senderOfEdge.append(Int32(sender))
                receiverOfEdge.append(Int32(receiver))
            }
        }
        return GraphTable(
            nLayers: nLayers, nHeads: nHeads, nKeyValueHeads: nKeyValueHeads, dModel: dModel,
            parallelAttentionMLP: parallelAttentionMLP, ungroupedKeyValue: ungroupedKeyValue,
            nodes: senders.map(\.name) + [Node.logits.name], receivers: receivers.map(\.name),
            senderOfEdge: senderOfEdge, receiverOfEdge: receiverOfEdge)
    }

    /// The graph that an artifact stores.
    /// - Throws: `Failure` if the table isn't that of a whole edge-level graph.
    package init(_ table: GraphTable) throws(Failure) {
        // Sizes come from a file: the sum of edges must agree before anything is built from them.
        let layers = table.nLayers
        let heads = table.nHeads
        guard layers > 0, heads > 0, table.nKeyValueHeads > 0, heads % table.nKeyValueHeads == 0,
            layers <= 1 << 16, heads <= 1 << 16,
            [layers * heads + 2, layers * (heads + 1) + 2].contains(table.nodes.count)
        else {
            throw Failure(
                .badData,
                "the stored graph has \(table.nodes.count) nodes, which isn't the graph of "
                    + "\(layers) layers of \(heads) heads")
        }
        self.init(
            nLayers: layers, nHeads: heads, nKeyValueHeads: table.nKeyValueHeads,
            dModel: table.dModel, parallelAttentionMLP: table.parallelAttentionMLP,
            ungroupedKeyValue: table.ungroupedKeyValue,
            hasMLP: table.nodes.count != layers * heads + 2)
        guard self.table == table else {
            throw Failure(
                .badData,
                "the stored graph isn't the whole edge-level graph of \(layers) layers of "
                    + "\(heads) heads in its usual order; it can be shown and compared, not run")
        }
    }
}
