import Artifacts
import Basics
import Graphs

/// What a file of the viewer's JSON says.
struct ViewerFile: Decodable {
    struct Metadata: Decodable {
        var prompt_tokens: [String]
        var prompt: String
        var node_threshold: Double?
    }

    // The format's own spelling.
    struct Node: Decodable {
        var node_id: String
        var layer: String
        var ctx_idx: Int32
        var feature_type: String
        var token_prob: Double?
        var clerp: String?
        var influence: Double?
        var activation: Float?
    }

    struct Link: Decodable {
        var source: String
        var target: String
        var weight: Float
    }

    var metadata: Metadata
    var nodes: [Node]
    var links: [Link]

    /// A node with its place in the order of an artifact.
    private struct Place {
        var node: Node
        /// Features, errors, tokens, logits.
        var group: Int
        var layer: Int32
        var feature: Int32 = -1
        var token: Int32 = -1
        var name: String
        var text = ""
    }

    /// The graph as an artifact of the model and transcoders of `like`.
    /// - Throws: ``Basics/Failure`` (bad data) that names the node or link that makes no sense.
    func artifact(like: AttributionGraphArtifact) throws(Failure) -> AttributionGraphArtifact {
        var settings = like.settings
        settings.nodeThreshold = metadata.node_threshold ?? settings.nodeThreshold
        var result = AttributionGraphArtifact(
            model: like.model, transcoders: like.transcoders, layerCount: like.layerCount,
            settings: settings)
        var places: [Place] = []
        for node in nodes { places.append(try place(of: node, layers: Int32(like.layerCount))) }
        let order = places.indices.sorted { Self.isBefore(places[$0], places[$1], $0 < $1) }
        var numbers: [String: Int32] = [:]
        result.nodes.texts = []
        for index in order {
            let place = places[index]
            guard numbers.updateValue(Int32(numbers.count), forKey: place.node.node_id) == nil
            else {
                throw Failure(
                    .badData, "the node_id `\(place.node.node_id.prefix(80))` is there twice")
            }
            append(place, to: &result.nodes)
        }
        try addTokens(places, to: &result)
        try addEdges(numbers, to: &result.edges)
        result.prompts = [
            AttributionGraphArtifact.Prompt(
                name: metadata.prompt, activeFeatureCount: places.count { $0.group == 0 },
                replacement: .nan, completeness: .nan)
        ]
        return result
    }

    private static func isBefore(_ first: Place, _ second: Place, _ isFirstBefore: Bool) -> Bool {
        let keys = [first, second].map { place in
            // Logits stay in the order of the file, the likeliest first.
            place.group == 3
                ? [3, 0, 0, 0]
                : [place.group, Int(place.layer), Int(place.node.ctx_idx), Int(place.feature)]
        }
        return keys[0] == keys[1] ? isFirstBefore : keys[0].lexicographicallyPrecedes(keys[1])
    }

    private func place(of node: Node, layers: Int32) throws(Failure) -> Place {
        let id = node.node_id.prefix(80)
        let parts = node.node_id.split(separator: "_").map { Int32($0) }
        guard metadata.prompt_tokens.indices.contains(Int(node.ctx_idx)) else {
            throw Failure(
                .badData,
                "the node `\(id)` is at \(node.ctx_idx), and the prompt has "
                    + "\(metadata.prompt_tokens.count) tokens")
        }
        if let activation = node.activation, !activation.isFinite {
            throw Failure(.badData, "the activation of `\(id)` is \(activation)")
        }
        func layer() throws(Failure) -> Int32 {
            guard let layer = Int32(node.layer), (0..<layers).contains(layer) else {
                throw Failure(
                    .badData,
                    "the node `\(id)` is of layer \(node.layer.prefix(20)), and the model has "
                        + "\(layers)")
            }
            return layer
        }
        let position = node.ctx_idx
        switch node.feature_type {
        case "cross layer transcoder":
            guard parts.count == 3, let feature = parts[1], feature >= 0 else { break }
            let layer = try layer()
            return Place(
                node: node, group: 0, layer: layer, feature: feature,
                name: "m\(layer).f\(feature)@\(position)")
        case "mlp reconstruction error":
            let layer = try layer()
            return Place(node: node, group: 1, layer: layer, name: "m\(layer).error@\(position)")
        case "embedding":
            guard parts.count == 3, let token = parts[1], token >= 0 else { break }
            return Place(
                node: node, group: 2, layer: -1, token: token, name: "input@\(position)",
                text: metadata.prompt_tokens[Int(position)])
        case "logit":
            guard parts.count == 3, let token = parts[1], token >= 0 else { break }
            let label = node.clerp ?? ""
            // What isn't one token's logit has a number beyond any vocabulary.
            let isToken = token < ViewerGraph.firstOtherTarget
            return Place(
                node: node, group: 3, layer: layers, token: isToken ? token : -1,
                name: "logits."
                    + (isToken ? "t\(token)" : "target\(token - ViewerGraph.firstOtherTarget)"),
                text: isToken ? Self.outputText(label) : Self.label(label))
        default:
            throw Failure(
                .badData,
                "the node `\(id)` is of the unknown type `\(node.feature_type.prefix(40))`")
        }
        throw Failure(.badData, "the node_id `\(id)` isn't one of a \(node.feature_type)")
    }

    /// The token in `Output "TOKEN" (p=0.123)`; empty where a label has another form.
    private static func outputText(_ label: String) -> String {
        guard label.hasPrefix("Output \""), let end = label.lastRange(of: "\" (p=") else {
            return ""
        }
        return String(label[label.index(label.startIndex, offsetBy: 8)..<end])
    }

    /// What stands between `Output` and `(p=0.123)`; empty where a label has another form.
    private static func label(_ label: String) -> String {
        guard label.hasPrefix("Output "), let end = label.lastRange(of: " (p=") else { return "" }
        return String(label[label.index(label.startIndex, offsetBy: 7)..<end])
    }

    private func append(_ place: Place, to nodes: inout AttributionGraphArtifact.Nodes) {
        nodes.prompts.append(0)
        nodes.names.append(place.name)
        nodes.layers.append(place.layer)
        nodes.positions.append(place.node.ctx_idx)
        nodes.features.append(place.feature)
        nodes.tokens.append(place.token)
        nodes.texts?.append(place.text)
        nodes.activations.append(place.node.activation ?? 0)
        nodes.probabilities.append(place.group == 3 ? place.node.token_prob ?? 0 : 0)
        nodes.influences.append(.nan)
        nodes.cumulative.append(place.node.influence ?? .nan)
        nodes.kept.append(true)
    }

    /// The prompt's tokens, by its embedding nodes, of which there is one at each position.
    private func addTokens(
        _ places: [Place], to result: inout AttributionGraphArtifact
    ) throws(Failure) {
        let byPosition = Dictionary(
            places.filter { $0.group == 2 }.map { ($0.node.ctx_idx, $0.token) },
            uniquingKeysWith: { first, _ in first })
        for position in metadata.prompt_tokens.indices {
            guard let token = byPosition[Int32(position)] else {
                throw Failure(.badData, "there is no embedding node at position \(position)")
            }
            result.tokens.append(token)
            result.promptOfToken.append(0)
        }
    }

    /// The links, those into a node together.
    private func addEdges(
        _ numbers: [String: Int32], to edges: inout AttributionGraphArtifact.Edges
    ) throws(Failure) {
        var columns: [(source: Int32, target: Int32, weight: Float)] = []
        for (index, link) in links.enumerated() {
            guard let source = numbers[link.source], let target = numbers[link.target] else {
                throw Failure(
                    .badData,
                    "links[\(index)] joins `\(link.source.prefix(40))` and "
                        + "`\(link.target.prefix(40))`, of which one is no node")
            }
            guard link.weight.isFinite else {
                throw Failure(.badData, "the weight of links[\(index)] is \(link.weight)")
            }
            columns.append((source, target, link.weight))
        }
        columns.sort { ($0.target, $0.source) < ($1.target, $1.source) }
        edges.sources = columns.map(\.source)
        edges.targets = columns.map(\.target)
        edges.weights = columns.map(\.weight)
        edges.kept = columns.map { _ in true }
    }
}

extension String {
    /// Where `part` is last; nil where it isn't.
    fileprivate func lastRange(of part: String) -> Index? {
        var start = index(endIndex, offsetBy: -part.count, limitedBy: startIndex)
        while let place = start {
            if self[place...].hasPrefix(part) { return place }
            start = place == startIndex ? nil : index(before: place)
        }
        return nil
    }
}
