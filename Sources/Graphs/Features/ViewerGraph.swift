import Artifacts
package import Basics

/// A prompt's pruned graph as circuit-tracer's page and Neuronpedia read it: JSON of Neuronpedia's
/// schema 1.0.0, "Anthropic Attribution Graph".
package struct ViewerGraph: Encodable, Sendable {
    /// What the page says of the graph.
    struct Metadata: Encodable, Sendable {
        var slug: String
        var scan: String
        var transcoder_list: [String] = []
        var prompt_tokens: [String]
        var prompt: String
        var node_threshold: Double
        var schema_version = 1
    }

    /// What a reader of the page has chosen: supernodes, and their members as pinned.
    struct Choices: Encodable, Sendable {
        var pinnedIds: [String] = []
        var supernodes: [[String]] = []
        var linkType = "both"
        var clickedId = ""
        var sg_pos = ""
    }

    // The format's own spelling.
    struct Node: Encodable, Sendable {
        var node_id: String
        var feature: Int
        var layer: String
        var ctx_idx: Int32
        var feature_type: String
        var token_prob = 0.0
        var is_target_logit = false
        var run_idx = 0
        var reverse_ctx_idx = 0
        var jsNodeId: String
        var clerp = ""
        var influence: Double?
        var activation: Float?
    }

    struct Link: Encodable, Sendable {
        var source: String
        var target: String
        var weight: Float
    }

    /// The least number that stands in a token's place for a target that isn't one token's logit.
    package static let firstOtherTarget: Int32 = 1_000_000_000

    let metadata: Metadata
    let qParams: Choices
    let nodes: [Node]
    let links: [Link]

    /// The kept part of a prompt's graph.
    /// - Parameters:
    ///   - graph: the prompt's graph.
    ///   - supernodes: groups of nodes; members that aren't kept are left out, and so are groups without
    ///     any.
    package init(_ graph: PromptGraph, supernodes: [Supernode] = []) {
        let (artifact, places) = (graph.artifact, graph.nodes)
        let kept = graph.edges.filter { artifact.edges.kept[$0] }
        var joined = Set<Int32>()
        for edge in kept {
            joined.insert(artifact.edges.sources[edge])
            joined.insert(artifact.edges.targets[edge])
        }
        let length = graph.tokens.count
        let firstLogit = places.first { artifact.nodes.layers[$0] == artifact.layerCount }
        var nodes: [Node] = []
        var ids: [Int32: String] = [:]
        for place in places where artifact.nodes.kept[place] {
            let layer = artifact.nodes.layers[place]
            let isEnd = layer == -1 || layer == artifact.layerCount
            guard isEnd || joined.contains(Int32(place)) else { continue }
            let node = Node(artifact, place, length: length, isFirstLogit: place == firstLogit)
            ids[Int32(place)] = node.node_id
            nodes.append(node)
        }
        self.nodes = nodes
        links = kept.compactMap { edge in
            guard let source = ids[artifact.edges.sources[edge]],
                let target = ids[artifact.edges.targets[edge]]
            else { return nil }
            return Link(source: source, target: target, weight: artifact.edges.weights[edge])
        }
        var choices = Choices()
        for supernode in supernodes {
            let members = supernode.members.compactMap { ids[Int32($0)] }
            if members.isEmpty { continue }
            choices.pinnedIds += members
            choices.supernodes.append([supernode.name] + members)
        }
        qParams = choices
        let tokens = places.filter { artifact.nodes.layers[$0] == -1 }.map {
            artifact.spelling(of: $0)
        }
        metadata = Metadata(
            slug: graph.slug, scan: artifact.transcoders.scan ?? artifact.transcoders.name,
            prompt_tokens: tokens,
            prompt: artifact.nodes.texts == nil
                ? artifact.prompts[graph.prompt].name : tokens.joined(),
            node_threshold: artifact.settings.nodeThreshold)
    }

    /// The graph as JSON on one line.
    /// - Throws: ``Failure`` where it has a number that JSON can't write.
    package func text() throws(Failure) -> String { try JSONText.line(self) }
}

extension PromptGraph {
    /// The graph's name in the page's address: that of the file, and the prompt where it has several.
    fileprivate var slug: String {
        let file = ArtifactName(name).path.split(separator: "/").last.map(String.init) ?? ""
        let stem = file == "-" ? "graph" : String(file.split(separator: ".").first ?? "graph")
        return artifact.prompts.count == 1 ? stem : "\(stem)-\(prompt)"
    }
}

extension AttributionGraphArtifact {
    /// A token's text, or its id where that isn't known.
    fileprivate func spelling(of node: Int) -> String {
        let text = nodes.texts?[node] ?? ""
        return text.isEmpty ? "\(nodes.tokens[node])" : text
    }
}

extension ViewerGraph.Node {
    /// A node in circuit-tracer's notation. Errors have the id `LAYER_-1_POSITION`, as in its later
    /// versions: `0_LAYER_POSITION` is a feature's, too.
    fileprivate init(
        _ artifact: AttributionGraphArtifact, _ place: Int, length: Int, isFirstLogit: Bool
    ) {
        let (nodes, l) = (artifact.nodes, artifact.nodes.layers[place])
        let (f, p, token) = (nodes.features[place], nodes.positions[place], nodes.tokens[place])
        let share = nodes.cumulative[place]
        if f >= 0 {
            // Cantor's pairing of layer and feature, by which the page finds a feature's examples.
            let (layer, index) = (Int(l), Int(f))
            self.init(
                node_id: "\(l)_\(f)_\(p)",
                feature: (layer + index) * (layer + index + 1) / 2 + index, layer: "\(l)",
                ctx_idx: p, feature_type: "cross layer transcoder", jsNodeId: "\(l)_\(f)-0",
                influence: share, activation: nodes.activations[place])
        } else if l == -1 {
            self.init(
                node_id: "E_\(token)_\(p)", feature: Int(p), layer: "E", ctx_idx: p,
                feature_type: "embedding", jsNodeId: "E_\(token)-\(p)", influence: share)
        } else if l == artifact.layerCount {
            // A target that isn't one token's logit has a number of its own beyond the vocabulary.
            let id = token >= 0 ? Int(token) : Int(ViewerGraph.firstOtherTarget) + place
            let text = nodes.texts?[place] ?? ""
            let name =
                token >= 0
                ? "\"\(artifact.spelling(of: place))\""
                : text.isEmpty
                    ? "\"\(nodes.names[place].dropFirst("logits.".count))\"" : text
            let probability = nodes.probabilities[place]
            self.init(
                node_id: "\(l + 1)_\(id)_\(p)", feature: id, layer: "\(l + 1)", ctx_idx: p,
                feature_type: "logit", token_prob: probability, is_target_logit: isFirstLogit,
                jsNodeId: "L_\(id)-\(p)",
                clerp: "Output \(name) (p=\(Figures.fixed(probability, digits: 3)))")
        } else {
            self.init(
                node_id: "\(l)_-1_\(p)", feature: -1, layer: "\(l)", ctx_idx: p,
                feature_type: "mlp reconstruction error", jsNodeId: "\(l)_\(p)-0",
                influence: share)
        }
    }
}
