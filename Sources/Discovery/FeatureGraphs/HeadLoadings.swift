import Engine
package import Graphs
import Models

/// Computes which attention heads carry edges of a graph.
///
/// A source's vector is taken forward through the linearised model once, and z of all heads is kept; a
/// target's gradient is taken back once through everything and once past all heads. The product of the
/// two at a head's z is what the edge has by all paths through the head, or by those on which it is the
/// last.
///
/// - Note: Kamath et al. 2025, "Tracing Attention Computation Through Feature Interactions", calls the
///   parts of an edge by head head loadings. That all paths through a head, and those past a layer's
///   heads, add up to the edge is what circuit-tracer's pull request 114 computes layer by layer.
package struct HeadLoadings: Sendable {
    private let graph: FeatureGraph
    private let sources: FeatureSources
    private let targets: AttributionTargets
    private let backward: LinearBackward

    private var run: FrozenRun { sources.run }

    /// Prepares the loadings of a graph that was made of these sources and targets.
    package init(_ graph: FeatureGraph, _ sources: FeatureSources, targets: AttributionTargets) {
        self.graph = graph
        self.sources = sources
        self.targets = targets
        backward = LinearBackward(run: sources.run, set: sources.set)
    }

    /// The loadings that aren't 0, by edge, then what goes past all heads, then by head.
    /// - Parameters:
    ///   - mostKeptBytes: the most memory that z of sources takes at a time; with less than all sources
    ///     need, gradients of targets are computed again for each part of them.
    ///   - progress: told how many more passes are done, forward of sources and back from targets, and
    ///     how many there are in all. Several threads call it.
    ///   - isWanted: which edges, by their place among the effects.
    package func loadings(
        mostKeptBytes: Int = 1 << 30,
        progress: @escaping @Sendable (_ steps: Int, _ total: Int) -> Void = { _, _ in },
        ofEdges isWanted: (Int) -> Bool
    ) -> [HeadLoading] {
        var edgesOfTarget: [(target: Int, edges: [Int])] = []
        var sourceNodes = Set<Int>()
        for target in 0..<graph.nodeCount {
            let edges = graph.effects.row(target).filter(isWanted)
            guard !edges.isEmpty else { continue }
            edgesOfTarget.append((target, edges))
            sourceNodes.formUnion(edges.map { Int(graph.effects.columns[$0]) })
        }
        var loadings: [HeadLoading] = []
        let order = sourceNodes.sorted()
        let block = max(1, mostKeptBytes / max(1, 4 * zCount * run.layers.count))
        let total = order.count + (order.count + block - 1) / block * edgesOfTarget.count
        for start in stride(from: 0, to: order.count, by: block) {
            let nodes = Array(order[start..<min(start + block, order.count)])
            loadings += self.loadings(edgesOfTarget, from: nodes) { progress($0, total) }
        }
        return loadings.sorted { $0.sortKey < $1.sortKey }
    }

    /// Values of z of a layer's heads at all positions.
    private var zCount: Int {
        run.length * (run.layers.map(\.headWidth).max() ?? 0)
    }

    private func loadings(
        _ edgesOfTarget: [(target: Int, edges: [Int])], from nodes: [Int],
        progress: @escaping @Sendable (Int) -> Void
    ) -> [HeadLoading] {
        let reads = Results<SourceReads>(nodes.count)
        let pool = run.transformer.pool
        pool.run(nodes.count) { _, place in
            reads[place] = self.reads(of: nodes[place])
            progress(1)
        }
        let placeOfNode = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, $0) })
        let found = Results<[HeadLoading]>(edgesOfTarget.count)
        let scratch = ScratchPool(workers: pool.threads)
        pool.run(edgesOfTarget.count) { worker, index in
            defer { progress(1) }
            let (target, edges) = edgesOfTarget[index]
            let own = edges.compactMap { edge -> (edge: Int, reads: SourceReads)? in
                let place = placeOfNode[Int(graph.effects.columns[edge])]
                return place.flatMap { reads[$0] }.map { (edge, $0) }
            }
            guard !own.isEmpty else { return }
            scratch.withWorkspace(of: worker) { workspace in
                found[index] = loadings(of: own, into: self.target(target), workspace)
            }
        }
        return edgesOfTarget.indices.flatMap { found[$0] ?? [] }
    }

    /// The loadings of edges into one target.
    private func loadings(
        of edges: [(edge: Int, reads: SourceReads)], into target: DirectEffects.Target,
        _ workspace: Workspace
    ) -> [HeadLoading] {
        let (dModel, positions) = (run.dModel, target.position + 1)
        let g = workspace.take(positions * dModel)
        let whole = workspace.take(zCount)
        var past = [Float](repeating: 0, count: edges.count)
        var through: [HeadPart: Float] = [:]
        var last: [HeadPart: Float] = [:]

        /// Adds the products of the gradient at heads' z and each source's z.
        func addProducts(
            _ layer: Int, _ g: UnsafePointer<Float>, from first: Int,
            to parts: inout [HeadPart: Float]
        ) {
            let frozen = run.layers[layer]
            let (width, dHead) = (frozen.headWidth, frozen.layer.attention.dHead)
            frozen.headGradients(
                g, positions: positions, from: first, to: whole, workspace: workspace)
            for (place, (_, reads)) in edges.enumerated() {
                guard let z = reads.z[layer]?.values else { continue }
                for head in 0..<width / dHead {
                    var sum: Float = 0
                    for position in max(first, reads.position)..<positions {
                        let offset = position * width + head * dHead
                        sum += dot(whole + offset, z + offset, count: dHead)
                    }
                    parts[HeadPart(edge: place, layer: layer, head: head)] = sum
                }
            }
        }
        func start() {
            g.update(repeating: 0, count: positions * dModel)
            backward.inject(target, to: g + target.position * dModel)
        }
        start()
        backward.sweep(
            g, from: target.layer, positions: positions, first: target.position, targets: 1,
            workspace, atAttention: { addProducts($0, $1, from: $2, to: &through) },
            atOutput: { _, _ in })
        start()
        let here = target.position * dModel
        backward.sweep(
            g, from: target.layer, positions: positions, first: target.position, targets: 1,
            usingHeads: false, workspace,
            atAttention: { addProducts($0, $1, from: $2, to: &last) },
            atOutput: { layer, output in
                for (place, (_, reads)) in edges.enumerated()
                where reads.position == target.position {
                    guard let written = reads.written[layer]?.values else { continue }
                    past[place] += dot(output + here, written + here, count: dModel)
                }
            })
        for (place, (_, reads)) in edges.enumerated() where reads.position == target.position {
            guard let embedding = reads.embeddings?.values else { continue }
            past[place] += dot(g + here, embedding + here, count: dModel)
        }
        var loadings = edges.indices.filter { past[$0] != 0 }.map {
            HeadLoading(edge: edges[$0].edge, head: nil, weight: past[$0], through: past[$0])
        }
        for (part, value) in through {
            let weight = last[part] ?? 0
            guard value != 0 || weight != 0 else { continue }
            loadings.append(
                HeadLoading(
                    edge: edges[part.edge].edge,
                    head: HeadLoading.Head(layer: Int32(part.layer), index: Int32(part.head)),
                    weight: weight, through: value))
        }
        return loadings
    }

    /// What a node's vector makes of all heads' z.
    private func reads(of node: Int) -> SourceReads {
        var reads = sourceVectors(of: node)
        let z = Results<FloatBuffer>(run.layers.count)
        _ = LinearPass(run: run, set: sources.set).propagate(
            reads.written, embeddings: reads.embeddings,
            heads: { layer, values in
                let count = run.length * run.layers[layer].headWidth
                guard layer > reads.layer else { return }
                let kept = FloatBuffer(count: count)
                kept.values.update(from: values, count: count)
                z[layer] = kept
            })
        reads.z = run.layers.indices.map { z[$0] }
        return reads
    }

    /// What a node writes, before anything reads it.
    private func sourceVectors(of node: Int) -> SourceReads {
        let (dModel, length) = (run.dModel, run.length)
        func row(at position: Int, _ fill: (UnsafeMutablePointer<Float>) -> Void) -> FloatBuffer {
            let values = FloatBuffer(zeros: length * dModel)
            fill(values.values + position * dModel)
            return values
        }
        var written = [FloatBuffer?](repeating: nil, count: run.layers.count)
        if node < graph.features.count {
            let feature = graph.features[node]
            let (layer, position) = (Int(feature.layer), Int(feature.position))
            for (n, output) in sources.set.outputs(ofLayer: layer).enumerated() {
                written[output] = row(at: position) {
                    sources.set.layers[layer].copyDecoder(
                        of: Int(feature.index), output: n, to: $0)
                    $0.scale(by: feature.activation, count: dModel)
                }
            }
            return SourceReads(layer: layer, position: position, written: written)
        }
        if graph.errors.contains(node) {
            let (layer, position) = (node - graph.features.count).quotientAndRemainder(
                dividingBy: length)
            written[layer] = row(at: position) {
                $0.update(from: sources.error(layer: layer, position: position), count: dModel)
            }
            return SourceReads(layer: layer, position: position, written: written)
        }
        let position = node - graph.tokenNodes.lowerBound
        var reads = SourceReads(layer: -1, position: position, written: written)
        reads.embeddings = row(at: position) {
            $0.update(from: run.embeddings.values + position * dModel, count: dModel)
        }
        return reads
    }

    private func target(_ node: Int) -> DirectEffects.Target {
        if node < graph.features.count {
            let feature = graph.features[node]
            return sources.target(
                layer: feature.layer, position: feature.position, index: feature.index)
        }
        return DirectEffects.Target(
            layer: run.layers.count, position: run.length - 1,
            direction: targets.directions[node - graph.targetNodes.lowerBound])
    }
}

/// What a source writes, and what heads make of it.
private struct SourceReads: @unchecked Sendable {
    /// The source's layer; -1 of tokens.
    var layer: Int
    var position: Int
    /// What it writes to each layer's output hook, `[position, d_model]`.
    var written: [FloatBuffer?]
    /// What it is of the embeddings.
    var embeddings: FloatBuffer?
    /// The change of all heads' z by layer, `[position, head, d_head]`; nil where there is none.
    var z: [FloatBuffer?] = []
}

/// A head's part of one of several edges.
private struct HeadPart: Hashable {
    var edge: Int
    var layer: Int
    var head: Int
}

extension HeadLoading {
    fileprivate var sortKey: (Int, Int32, Int32) {
        (edge, head?.layer ?? -1, head?.index ?? -1)
    }
}
