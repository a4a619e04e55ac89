package import Basics
import Engine
package import Graphs

/// Computes the attribution graph of a prompt.
package struct FeatureGraphBuilder: Sendable {
    /// How many features become nodes, and in which steps they are chosen.
    package struct Limit: Hashable, Sendable {
        /// The most features that become nodes; nil is all that are active.
        package var features: Int?
        /// How many rows count as a batch of circuit-tracer's.
        package var batchSize: Int
        /// After how many batches features are ranked again.
        package var updateInterval: Int

        /// A limit with circuit-tracer's steps.
        package init(features: Int? = nil, batchSize: Int = 256, updateInterval: Int = 4) {
            self.features = features
            self.batchSize = batchSize
            self.updateInterval = updateInterval
        }
    }

    /// How many targets' directions are in memory at a time.
    private static let mostDirections = 4096

    private let sources: FeatureSources
    private let targets: AttributionTargets
    private let effects: DirectEffects
    private var layout: SourceLayout { sources.layout }
    private var layerCount: Int { sources.layout.layerCount }

    /// Prepares the graph of a prompt's sources and targets.
    package init(_ sources: FeatureSources, targets: AttributionTargets) {
        self.sources = sources
        self.targets = targets
        effects = DirectEffects(sources)
    }

    /// Computes the graph.
    /// - Parameter progress: told how many rows are done, by any thread.
    /// - Throws: `Failure` where effects overflow.
    package func graph(
        _ limit: Limit = Limit(), progress: @Sendable (Int) -> Void = { _ in }
    ) throws(Failure) -> FeatureGraph {
        let length = sources.run.length
        let targetRows = effects.rows(
            of: targets.directions.map {
                DirectEffects.Target(layer: layerCount, position: length - 1, direction: $0)
            }, progress: progress)
        var ranking = InfluenceRanking(sources, targets.targets, targetRows)
        let count = min(limit.features ?? sources.features.count, sources.features.count)
        while ranking.rows.count < count {
            let next =
                count == sources.features.count
                ? Array(sources.features.indices)
                : ranking.best(
                    min(limit.updateInterval * limit.batchSize, count - ranking.rows.count))
            for start in stride(from: 0, to: next.count, by: Self.mostDirections) {
                let part = Array(next[start..<min(start + Self.mostDirections, next.count)])
                let rows = effects.rows(of: sources.targets(part), progress: progress)
                for (feature, row) in zip(part, rows) { ranking.add(row, of: feature) }
            }
        }
        return try assemble(targetRows, ranking.rows)
    }

    /// The graph of these rows: effects of features without a row are summed as left out.
    private func assemble(
        _ targetRows: [FloatBuffer], _ featureRows: [Int: FloatBuffer]
    ) throws(Failure) -> FeatureGraph {
        let selected = featureRows.keys.sorted()
        var nodeOfFeature = [Int32](repeating: -1, count: sources.features.count)
        for (node, feature) in selected.enumerated() { nodeOfFeature[feature] = Int32(node) }
        let isWhole = selected.count == sources.features.count
        let length = layout.length
        var graph = FeatureGraph(
            layerCount: layerCount, tokens: sources.run.tokens,
            features: selected.map {
                let feature = sources.features[$0]
                return FeatureGraph.Feature(
                    layer: feature.layer, position: feature.position, index: feature.index,
                    activation: feature.activation)
            }, targets: targets.targets, effects: SparseRows(),
            activeFeatureCount: sources.features.count)
        var matrix = SparseRows()
        matrix.reserve((targetRows + featureRows.values).reduce(0) { $0 + $1.count })
        var leftOut: [Float] = []
        for feature in selected {
            let (layer, position) = (
                sources.features[feature].layer, sources.features[feature].position
            )
            guard let row = featureRows[feature] else { continue }
            leftOut.append(
                try append(
                    row, layer: Int(layer), positions: Int(position) + 1, nodeOfFeature, graph,
                    to: &matrix))
        }
        for _ in 0..<(layerCount + 1) * length {
            matrix.endRow()
            leftOut.append(0)
        }
        for row in targetRows {
            leftOut.append(
                try append(
                    row, layer: layerCount, positions: length, nodeOfFeature, graph, to: &matrix))
        }
        graph.effects = matrix
        graph.leftOut = isWhole ? [] : leftOut
        return graph
    }

    /// Adds a row to the matrix, and returns the sum of the magnitudes of what has no node.
    private func append(
        _ row: FloatBuffer, layer: Int, positions: Int, _ nodeOfFeature: [Int32],
        _ graph: FeatureGraph, to matrix: inout SparseRows
    ) throws(Failure) -> Float {
        guard firstNonFinite(row.values, count: row.count) == row.count else {
            throw Failure(
                .badData,
                "direct effects overflow float32: the model's or transcoders' weights are "
                    + "too large")
        }
        let (segments, count) = layout.segments(layer: layer, positions: positions)
        var leftOut = 0.0
        for segment in segments {
            for (offset, source) in segment.sources.enumerated() {
                let feature = sources.featureOfSource[source]
                guard feature >= 0 else { continue }
                let (value, node) = (
                    row.values[segment.start + offset], nodeOfFeature[Int(feature)]
                )
                if node >= 0 {
                    matrix.append(value, column: node)
                } else {
                    leftOut += Double(abs(value))
                }
            }
        }
        for (below, segment) in segments.enumerated() {
            for position in 0..<positions {
                let source = layout.sources(layer: below, position: position).upperBound - 1
                matrix.append(
                    row.values[segment.start + source - segment.sources.lowerBound],
                    column: Int32(graph.errors.lowerBound + below * layout.length + position))
            }
        }
        for position in 0..<positions {
            matrix.append(
                row.values[count + position], column: Int32(graph.tokenNodes.lowerBound + position))
        }
        matrix.endRow()
        return Float(leftOut)
    }
}
