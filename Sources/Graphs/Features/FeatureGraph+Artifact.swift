import Artifacts
package import Basics

extension FeatureGraph {
    /// The graph of a prompt as an artifact has it.
    /// - Throws: ``Failure`` (bad data) where its nodes aren't features, then an error for each layer and
    ///   position, the tokens and the logits.
    package init(_ graph: PromptGraph) throws(Failure) {
        let (artifact, nodes) = (graph.artifact, graph.artifact.nodes)
        let features = graph.nodes.prefix { nodes.features[$0] >= 0 }.map { node in
            Feature(
                layer: nodes.layers[node], position: nodes.positions[node],
                index: nodes.features[node], activation: nodes.activations[node])
        }
        let first = graph.nodes.lowerBound
        let length = graph.tokens.count
        let others = features.count + (artifact.layerCount + 1) * length
        let targets = graph.nodes.dropFirst(others).map { node in
            Target(
                label: String(nodes.names[node].dropFirst("logits.".count)),
                token: nodes.tokens[node] < 0 ? nil : nodes.tokens[node],
                weight: nodes.probabilities[node])
        }
        var effects = SparseRows()
        effects.reserve(graph.edges.count)
        var edge = graph.edges.lowerBound
        for node in graph.nodes {
            while edge < graph.edges.upperBound, Int(artifact.edges.targets[edge]) == node {
                effects.append(
                    artifact.edges.weights[edge],
                    column: artifact.edges.sources[edge] - Int32(first))
                edge += 1
            }
            effects.endRow()
        }
        self.init(
            layerCount: artifact.layerCount, tokens: Array(graph.tokens), features: features,
            targets: targets, effects: effects,
            leftOut: nodes.leftOut.map { Array($0[graph.nodes]) } ?? [],
            activeFeatureCount: artifact.prompts[graph.prompt].activeFeatureCount)
        for node in graph.nodes where name(of: node - first) != nodes.names[node] {
            throw Failure(
                .badData,
                "\(graph.name): node \(node) is \(nodes.names[node]), and should be "
                    + "\(name(of: node - first)): nodes are features, then errors, tokens and logits"
            )
        }
        guard effects.count == graph.edges.count else {
            throw Failure(.badData, "\(graph.name): an edge has the weight 0")
        }
    }
}
