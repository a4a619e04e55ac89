package import Artifacts

extension AttributionGraphArtifact {
    /// A way through a graph's kept edges from a token or error to a logit.
    package struct Path: Hashable, Sendable {
        /// Its nodes, the source first.
        package var nodes: [Int]
        /// Its part of the targets' weight: the product of each edge's share of what leads to its target,
        /// times the logit's weight.
        package var share: Double
    }

    /// The strongest paths of a prompt's graph through kept edges.
    ///
    /// Edges' shares are of all edges that lead to their target, kept or not, so that the shares of all
    /// paths through a node add up to at most its influence.
    /// - Parameter count: how many at most.
    package func strongestPaths(ofPrompt prompt: Int, count: Int) -> [Path] {
        let places = nodes(ofPrompt: prompt)
        var sums = [Int32: Double]()
        var incoming = [Int32: [Int]]()
        for edge in edges(ofPrompt: prompt) {
            sums[edges.targets[edge], default: 0] += Double(abs(edges.weights[edge]))
            if edges.kept[edge] { incoming[edges.targets[edge], default: []].append(edge) }
        }
        // The best paths into each node from below: a node's are made of those of its sources.
        var best = [Int32: [Path]]()
        let order = places.sorted { (nodes.layers[$0], $0) < (nodes.layers[$1], $1) }
        for node in order {
            let target = Int32(node)
            guard let edgesIn = incoming[target] else {
                let isSource = nodes.features[node] < 0 && nodes.layers[node] < layerCount
                if isSource { best[target] = [Path(nodes: [node], share: 1)] }
                continue
            }
            var paths: [Path] = []
            for edge in edgesIn {
                let share = Double(abs(edges.weights[edge])) / (sums[target] ?? 1)
                paths += (best[edges.sources[edge]] ?? []).map {
                    Path(nodes: $0.nodes + [node], share: $0.share * share)
                }
            }
            paths.sort { $0.share > $1.share }
            best[target] = Array(paths.prefix(count))
        }
        let ends = places.filter { nodes.layers[$0] == layerCount }.flatMap { node in
            (best[Int32(node)] ?? []).filter { $0.nodes.count > 1 }.map {
                Path(nodes: $0.nodes, share: $0.share * nodes.probabilities[node])
            }
        }
        return Array(ends.sorted { $0.share > $1.share }.prefix(count))
    }
}
