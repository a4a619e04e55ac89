package import Artifacts
package import Basics

extension FeatureCircuitArtifact {
    /// Merges graphs of many prompts: features are the same where layer and number are, and belong to the
    /// circuit where at least `share` of the graphs keep them.
    /// - Parameter files: attribution graphs of one model and one set of transcoders.
    /// - Throws: ``Failure`` (bad data) where model or transcoders differ; (usage) for fewer than two
    ///   graphs, or one given twice.
    package init(
        merging files: [Artifact<AttributionGraphArtifact>], share: Double
    ) throws(Failure) {
        guard let first = files.first?.content else {
            throw Failure(.usage, "no attribution graph to merge")
        }
        for file in files {
            let (model, set) = (file.content.model, file.content.transcoders)
            guard model.digest == first.model.digest, set.digest == first.transcoders.digest else {
                throw Failure(
                    .badData,
                    "\(file.source) is of \(model.name) with \(set.name), digest "
                        + "\(set.digest.prefix(16))..., and \(files[0].source) of "
                        + "\(first.model.name) with \(first.transcoders.name), digest "
                        + "\(first.transcoders.digest.prefix(16))...: only graphs of one model and "
                        + "one set of transcoders have the same features")
            }
        }
        var graphs: [Graph] = []
        var merge = FeatureMerge()
        for file in files {
            for (prompt, named) in file.content.prompts.enumerated() {
                let graph = Graph(name: named.name, digest: file.digest, prompt: prompt)
                if graphs.contains(where: { $0.digest == graph.digest && $0.prompt == prompt }) {
                    throw Failure(.usage, "\(file.source) is given twice, or a copy of it")
                }
                graphs.append(graph)
                merge.add(PromptGraph(name: file.source, file.content, prompt: prompt))
            }
        }
        guard graphs.count > 1 else {
            throw Failure(
                .usage, "\(files[0].source) has one prompt, and graphs of several are merged")
        }
        let (features, edges) = merge.circuit(graphCount: graphs.count, share: share)
        let digests = Set(files.map(\.content.datasetDigest))
        self.init(
            model: first.model, transcoders: first.transcoders, layerCount: first.layerCount,
            share: share, graphs: graphs, features: features, edges: edges,
            datasetDigest: digests.count == 1 ? first.datasetDigest : nil)
    }
}

/// Sums over graphs by feature and by edge.
private struct FeatureMerge {
    private struct Key: Hashable, Comparable {
        var layer: Int32
        var index: Int32

        static func < (one: Key, other: Key) -> Bool {
            (one.layer, one.index) < (other.layer, other.index)
        }
    }

    private struct Ends: Hashable {
        var source: Key
        var target: Key
    }

    private struct FeatureSums {
        var count = 0
        var influence = 0.0
        var activation = 0.0
        var nodeCount = 0
    }

    private struct EdgeSums {
        var count = 0
        var weight = 0.0
    }

    private var features: [Key: FeatureSums] = [:]
    private var edges: [Ends: EdgeSums] = [:]

    mutating func add(_ graph: PromptGraph) {
        let (nodes, all) = (graph.artifact.nodes, graph.artifact.edges)
        func key(_ node: Int) -> Key? {
            nodes.features[node] < 0
                ? nil : Key(layer: nodes.layers[node], index: nodes.features[node])
        }
        var kept = Set<Key>()
        for node in graph.nodes {
            guard let key = key(node) else { continue }
            features[key, default: FeatureSums()].influence += nodes.influences[node]
            features[key, default: FeatureSums()].activation += Double(nodes.activations[node])
            features[key, default: FeatureSums()].nodeCount += 1
            if nodes.kept[node] { kept.insert(key) }
        }
        for key in kept { features[key, default: FeatureSums()].count += 1 }
        var keptEdges = Set<Ends>()
        for edge in graph.edges {
            guard let source = key(Int(all.sources[edge])),
                let target = key(Int(all.targets[edge]))
            else { continue }
            let ends = Ends(source: source, target: target)
            edges[ends, default: EdgeSums()].weight += Double(all.weights[edge])
            if all.kept[edge] { keptEdges.insert(ends) }
        }
        for ends in keptEdges { edges[ends, default: EdgeSums()].count += 1 }
    }

    /// The features that any graph keeps, and the edges between those of the circuit.
    func circuit(
        graphCount: Int, share: Double
    ) -> ([FeatureCircuitArtifact.Feature], [FeatureCircuitArtifact.Edge]) {
        let order = features.filter { $0.value.count > 0 }.sorted { $0.key < $1.key }
        let found = order.map { key, sums in
            FeatureCircuitArtifact.Feature(
                layer: Int(key.layer), index: Int(key.index), count: sums.count,
                influence: sums.influence / Double(graphCount),
                activation: Float(sums.activation / Double(sums.nodeCount)),
                // A share such as 0.1 of 10 graphs is 1 of them, whatever rounding makes of it.
                inCircuit: Double(sums.count) >= share * Double(graphCount) - 1e-9)
        }
        var places: [Key: Int] = [:]
        for (place, (key, _)) in order.enumerated() where found[place].inCircuit {
            places[key] = place
        }
        let joined = edges.compactMap { ends, sums -> FeatureCircuitArtifact.Edge? in
            guard sums.count > 0, let source = places[ends.source],
                let target = places[ends.target]
            else { return nil }
            return FeatureCircuitArtifact.Edge(
                source: source, target: target, count: sums.count,
                weight: Float(sums.weight / Double(graphCount)))
        }.sorted { ($0.source, $0.target) < ($1.source, $1.target) }
        return (found, joined)
    }
}
