import Basics
import Graphs

/// What a file of `Graph.to_pt` says.
struct TracerGraphFile {
    private let torch: TorchFile
    private let name: String

    init(_ torch: TorchFile, name: String) { (self.torch, self.name) = (torch, name) }

    /// The prompt as text.
    var prompt: String? { torch.root["input_string"]?.text }

    private func bad(_ what: String) -> Failure { Failure(.badData, "\(name): \(what)") }

    private func tensor(_ key: String) throws(Failure) -> TorchTensor {
        guard let value = torch.root[key] else { throw bad("it has no `\(key)`") }
        guard let tensor = try torch.tensor(value) else {
            throw bad("`\(key)` is \(value.description), and a tensor is needed")
        }
        return tensor
    }

    /// Whole numbers from 0 to below `limit`.
    private func integers(
        _ key: String, columns: Int? = nil, below limit: Int
    ) throws(Failure) -> [Int] {
        let tensor = try tensor(key)
        guard let values = tensor.integers() else {
            throw bad("`\(key)` doesn't hold whole numbers")
        }
        guard tensor.shape.count == (columns == nil ? 1 : 2),
            columns ?? 0 == 0 || tensor.shape[1] == columns
        else {
            throw bad(
                "`\(key)` has the shape \(tensor.shape), and "
                    + (columns.map { "rows of \($0) numbers are" } ?? "a list is") + " needed")
        }
        if let value = values.first(where: { !(0..<limit).contains($0) }) {
            throw bad("`\(key)` has the value \(value), and it is to be from 0 to \(limit - 1)")
        }
        return values
    }

    private func numbers(_ key: String, count: Int) throws(Failure) -> [Float] {
        let tensor = try tensor(key)
        guard tensor.shape == [count] else {
            throw bad("`\(key)` has the shape \(tensor.shape), and \(count) numbers are needed")
        }
        let values = tensor.floats()
        if let value = values.first(where: { !$0.isFinite }) {
            throw bad("`\(key)` has the value \(value)")
        }
        return values
    }

    // MARK: - Nodes

    /// Each target's token, or number beyond the vocabulary, and what it is called.
    private func logits() throws(Failure) -> [(index: Int, text: String)] {
        // Older files have the token ids alone.
        guard let items = torch.root["logit_targets"]?.elements else {
            let key = torch.root["logit_targets"] == nil ? "logit_tokens" : "logit_targets"
            return try integers(key, below: Int(Int32.max)).map { ($0, "") }
        }
        var result: [(Int, String)] = []
        for item in items {
            guard let fields = item.record?.arguments.elements, fields.count == 2,
                let text = fields[0].text, let index = fields[1].integer, index >= 0,
                index < Int(Int32.max)
            else { throw bad("`logit_targets` has \(item.description) that isn't a LogitTarget") }
            result.append((index, text))
        }
        return result
    }

    /// Of tokens that are targets, the text.
    func spellings() throws(Failure) -> [Int32: String] {
        let named = try logits().filter { !$0.text.isEmpty }
        return Dictionary(
            named.map { (Int32($0.index), $0.text) }, uniquingKeysWith: { first, _ in first })
    }

    private func targets() throws(Failure) -> [FeatureGraph.Target] {
        let logits = try logits()
        let weights = try numbers("logit_probabilities", count: logits.count)
        let vocabulary =
            torch.root["vocab_size"]?.integer ?? torch.root["cfg"]?.record?.state?["d_vocab"]?
            .integer
            ?? Int(Int32.max)
        return zip(logits, weights).map { logit, weight in
            // Directions of one's own are numbered after the vocabulary.
            let token = logit.index < vocabulary ? Int32(logit.index) : nil
            let label = logit.text.isEmpty ? "direction\(logit.index - vocabulary)" : logit.text
            return FeatureGraph.Target(
                label: token.map { "t\($0)" } ?? label, token: token, weight: Double(weight))
        }
    }

    private func features(
        layerCount: Int, length: Int
    ) throws(Failure) -> (nodes: [FeatureGraph.Feature], activeCount: Int) {
        let active = try integers("active_features", columns: 3, below: Int(Int32.max))
        let count = active.count / 3
        let selected = try integers("selected_features", below: count)
        let stored = try tensor("activation_values").count
        // One for each active feature, though its documentation says: for each that is a node.
        let activations = try numbers(
            "activation_values", count: stored == selected.count ? selected.count : count)
        var nodes: [FeatureGraph.Feature] = []
        for (number, feature) in selected.enumerated() {
            let place = Array(active[3 * feature..<3 * feature + 3])
            guard place[0] < layerCount else {
                throw bad(
                    "a feature is of layer \(place[0]), and the model of --like has \(layerCount)")
            }
            guard place[1] < length else {
                throw bad("a feature is at position \(place[1]), and there are \(length) tokens")
            }
            nodes.append(
                FeatureGraph.Feature(
                    layer: Int32(place[0]), position: Int32(place[1]), index: Int32(place[2]),
                    activation: activations[activations.count == selected.count ? number : feature])
            )
        }
        let keys = nodes.map { ($0.layer, $0.position, $0.index) }
        guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw bad("the features that are nodes aren't in order of layer, position and number")
        }
        return (nodes, count)
    }

    // MARK: - The graph

    /// The graph of a model of so many layers.
    func graph(layerCount: Int) throws(Failure) -> FeatureGraph {
        if let layers = torch.root["cfg"]?.record?.state?["n_layers"]?.integer, layers != layerCount
        {
            throw bad("it is of a model of \(layers) layers, and that of --like has \(layerCount)")
        }
        let tokens = try integers("input_tokens", below: Int(Int32.max)).map(Int32.init)
        let (nodes, activeCount) = try features(layerCount: layerCount, length: tokens.count)
        var graph = FeatureGraph(
            layerCount: layerCount, tokens: tokens, features: nodes, targets: try targets(),
            effects: SparseRows(), activeFeatureCount: activeCount)
        let count = graph.nodeCount
        let matrix = try tensor("adjacency_matrix")
        guard matrix.shape == [count, count] else {
            throw bad(
                "`adjacency_matrix` has the shape \(matrix.shape), and features, errors, tokens and "
                    + "logits are \(count) nodes")
        }
        graph.effects = try effects(matrix.floats(), graph)
        return graph
    }

    /// The matrix without the places that no edge can have: from a node to one that isn't behind it.
    private func effects(
        _ matrix: [Float], _ graph: FeatureGraph
    ) throws(Failure) -> SparseRows {
        let places = (0..<graph.nodeCount).map(graph.place)
        var rows = SparseRows()
        for (target, at) in places.enumerated() {
            let isTarget = target < graph.features.count || graph.targetNodes.contains(target)
            for (source, from) in places.enumerated() {
                let value = matrix[target * places.count + source]
                guard value.isFinite else {
                    throw bad("`adjacency_matrix` has the value \(value)")
                }
                if isTarget, from.layer < at.layer, from.position <= at.position {
                    rows.append(value, column: Int32(source))
                } else if value != 0 {
                    throw bad(
                        "`adjacency_matrix` has an edge from \(graph.name(of: source)) to "
                            + "\(graph.name(of: target)), which can't be")
                }
            }
            rows.endRow()
        }
        return rows
    }
}

extension FeatureGraph {
    /// The layer and the position of a node; tokens are before the first layer, logits after the last.
    fileprivate func place(of node: Int) -> (layer: Int, position: Int) {
        if node < features.count {
            return (Int(features[node].layer), Int(features[node].position))
        }
        if errors.contains(node) {
            let (layer, position) = (node - features.count).quotientAndRemainder(
                dividingBy: tokens.count)
            return (layer, position)
        }
        if tokenNodes.contains(node) { return (-1, node - tokenNodes.lowerBound) }
        return (layerCount, tokens.count - 1)
    }
}
