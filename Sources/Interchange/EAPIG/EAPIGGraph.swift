import Artifacts
import Basics
import Graphs

/// A graph as the library EAP-IG and the MIB benchmark hold it: every edge with a score and whether it
/// is in the circuit; keys and values once for each query head.
///
/// Senders and receivers have the order of ``Graphs/ComputationalGraph``: `input`, then a layer's heads
/// and its MLP; a layer's q, k, v of all heads and its MLP, `logits` last.
struct EAPIGGraph {
    /// The graph of the model.
    let graph: ComputationalGraph
    /// The score of each edge; NaN where it has none. Shape `[edge]`.
    var scores: [Float]
    /// Which edges are in the circuit. Shape `[edge]`.
    var inCircuit: [Bool]
    /// Which senders are in the circuit. Shape `[sender]`.
    var senderInCircuit: [Bool]
    /// The score of each sender. Shape `[sender]`.
    var senderScores: [Float]?

    /// What a file says of the graph.
    struct Configuration: Hashable, Codable {
        var nLayers: Int
        var nHeads: Int
        var parallelAttentionMLP: Bool
        var dModel: Int

        enum CodingKeys: String, CodingKey {
            case nLayers = "n_layers"
            case nHeads = "n_heads"
            case parallelAttentionMLP = "parallel_attn_mlp"
            case dModel = "d_model"
        }
    }

    /// Edges that a graph may have whatever the size of its file: few bytes.
    private static let fewEdges = 1 << 18

    /// A graph without scores and without a circuit.
    /// - Parameters:
    ///   - entryCount: how many edges the file has; a larger graph isn't built.
    ///   - keyValueHeads: how many the model has, which files don't say.
    /// - Throws: ``Basics/Failure`` that says which number makes no sense.
    init(
        _ configuration: Configuration, entryCount: Int, keyValueHeads: Int?
    ) throws(Failure) {
        let (layers, heads) = (configuration.nLayers, configuration.nHeads)
        guard layers > 0, heads > 0, layers <= 1 << 12, heads <= 1 << 12,
            (1...(1 << 20)).contains(configuration.dModel)
        else {
            throw Failure(
                .badData,
                "a graph of \(layers) layers of \(heads) heads, d_model \(configuration.dModel), is "
                    + "none of a model")
        }
        // What each layer reads of those before it and of the input, without those of the logits.
        let earlierSenders = layers * (layers - 1) / 2 * (heads + 1) + layers
        guard (3 * heads + 1) * earlierSenders <= max(entryCount, Self.fewEdges) else {
            throw Failure(
                .badData,
                "a graph of \(layers) layers of \(heads) heads has more edges than the \(entryCount) "
                    + "that are there")
        }
        if let keyValueHeads, keyValueHeads < 1 || heads % keyValueHeads != 0 {
            throw Failure(
                .usage, "\(keyValueHeads) key-value heads can't be shared evenly by \(heads) heads")
        }
        graph = ComputationalGraph(
            nLayers: layers, nHeads: heads, nKeyValueHeads: keyValueHeads ?? heads,
            dModel: configuration.dModel,
            parallelAttentionMLP: configuration.parallelAttentionMLP, ungroupedKeyValue: true)
        scores = [Float](repeating: .nan, count: graph.edgeCount)
        inCircuit = [Bool](repeating: false, count: graph.edgeCount)
        senderInCircuit = [Bool](repeating: false, count: graph.senders.count)
    }

    /// The graph of an artifact, without scores and without a circuit.
    /// - Throws: ``Basics/Failure`` where the format has no place for such a graph.
    init(of table: GraphTable) throws(Failure) {
        guard table.level == "edge" || table.level == "neuron" else {
            throw Failure(
                .badData,
                "its graph is of the level \(table.level), and the format holds edges of heads")
        }
        graph = try ComputationalGraph(table)
        guard graph.keyReceiverCount == graph.nHeads else {
            throw Failure(
                .badData,
                "its \(graph.nHeads) heads share keys and values of \(graph.nKeyValueHeads), and the "
                    + "format has those of every head: make it with --ungroup-kv")
        }
        guard graph.hasMLP else {
            throw Failure(.badData, "its model has no MLPs, and the format has one in every layer")
        }
        scores = [Float](repeating: .nan, count: graph.edgeCount)
        inCircuit = [Bool](repeating: false, count: graph.edgeCount)
        senderInCircuit = [Bool](repeating: false, count: graph.senders.count)
    }

    /// What a file says of the graph.
    var configuration: Configuration {
        Configuration(
            nLayers: graph.nLayers, nHeads: graph.nHeads,
            parallelAttentionMLP: graph.parallelAttentionMLP, dModel: graph.dModel)
    }

    /// The edges in the order in which the library makes them: layer after layer, of every sender its
    /// edges to q, k, v of each head, then of every sender that to the MLP; those to `logits` last.
    var edgesInOrderOfLibrary: [Int] {
        var edges: [Int] = []
        edges.reserveCapacity(graph.edgeCount)
        func add(_ sender: Int, _ receiver: Int) {
            if let edge = graph.edge(from: sender, to: receiver) { edges.append(edge) }
        }
        for layer in 0..<graph.nLayers {
            let mlp = graph.receiver(mlp: layer)
            let before = graph.sender(layer: layer, head: 0)
            for sender in 0..<before {
                for head in 0..<graph.nHeads {
                    for input in AttentionInput.allCases {
                        add(sender, graph.receiver(layer: layer, head: head, input))
                    }
                }
                if graph.parallelAttentionMLP { add(sender, mlp) }
            }
            guard !graph.parallelAttentionMLP else { continue }
            for sender in 0..<graph.senderCount(of: mlp) { add(sender, mlp) }
        }
        for sender in graph.senders.indices { add(sender, graph.logitsReceiver) }
        return edges
    }
}
