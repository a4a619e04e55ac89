package import Basics
import Engine
package import Graphs
import Models

/// What a feature's ablation does, as a graph predicts it and as it is measured.
package struct VerifiedFeature: Hashable, Sendable {
    /// The feature's name.
    package var name: String
    /// Its influence in the graph.
    package var influence: Double
    /// How many features and logits of the graph its ablation was measured at.
    package var targetCount: Int
    /// The largest difference between predicted and measured direct effects on them.
    package var largestGap: Float
    /// The largest of the measured direct effects' magnitudes.
    package var largestEffect: Float
    /// The predicted change of the first target, by the direct edge alone.
    package var predicted: Float
    /// The change of the first target with all else constant.
    package var direct: Float
    /// The change with only attention patterns constant.
    package var frozenAttention: Float
    /// The change with nothing constant.
    package var open: Float
}

/// Holds a graph against interventions: its most influential features are ablated one by one.
package struct GraphVerification: Sendable {
    private let graph: FeatureGraph
    private let sources: FeatureSources
    private let targets: AttributionTargets

    /// Prepares to verify a graph that was made of these sources and targets.
    package init(_ graph: FeatureGraph, _ sources: FeatureSources, targets: AttributionTargets) {
        self.graph = graph
        self.sources = sources
        self.targets = targets
    }

    /// Ablates the `count` most influential features, each by itself.
    package func verify(_ count: Int) throws(Failure) -> [VerifiedFeature] {
        let influence = graph.influence()
        let order = graph.features.indices.sorted {
            (influence[$0], $1) > (influence[$1], $0)
        }
        var verified: [VerifiedFeature] = []
        for node in order.prefix(count) {
            verified.append(try verify(node, influence: influence[node]))
        }
        return verified
    }

    private func verify(_ node: Int, influence: Double) throws(Failure) -> VerifiedFeature {
        let (run, set, feature) = (sources.run, sources.set, graph.features[node])
        let place = FeaturePlace(
            layer: Int(feature.layer), feature: Int(feature.index),
            position: Int(feature.position))
        let intervention = try FeatureIntervention(
            [FeatureChange(place, .set(0))], on: run, set)
        let predicted = predictions(node)
        var gap: Float = 0
        var largest: Float = 0
        var count = 0
        func compare(_ measured: Float, at target: Int) {
            gap = max(gap, abs(measured - (predicted[target] ?? 0)))
            largest = max(largest, abs(measured))
            count += 1
        }
        let linear = LinearPass(run: run, set: set)
        let workspace = Workspace()
        let row = workspace.take(run.dModel)
        let read = workspace.take(run.length * run.dModel)
        let stream = linear.propagate(
            intervention.directWrites(),
            read: { layer, stream in
                guard layer > place.layer else { return }
                linear.changeOfRead(run.layers[layer], stream, to: read, workspace)
                for (target, other) in graph.features.enumerated() where Int(other.layer) == layer {
                    set.layers[layer].copyEncoder(of: Int(other.index), to: row)
                    compare(
                        dot(row, read + Int(other.position) * run.dModel, count: run.dModel),
                        at: target)
                }
            })
        let last = run.length - 1
        run.finalNorm.apply(stream.values + last * run.dModel, position: last, to: row)
        for target in targets.directions.indices {
            compare(change(row, of: target), at: graph.targetNodes.lowerBound + target)
        }
        let direct = change(row, of: 0)
        func measured(_ mode: InterventionMode) throws(Failure) -> Float {
            let stream = try intervention.finalStream(mode)
            row.update(
                from: stream.values, minus: run.finalStream.values + last * run.dModel,
                count: run.dModel)
            return change(row, of: 0)
        }
        return VerifiedFeature(
            name: graph.name(of: node), influence: influence, targetCount: count, largestGap: gap,
            largestEffect: largest, predicted: predicted[graph.targetNodes.lowerBound] ?? 0,
            direct: direct, frozenAttention: try measured(.frozenAttention),
            open: try measured(.open))
    }

    /// What ablating a feature takes from each target, by its edges.
    private func predictions(_ node: Int) -> [Int: Float] {
        var predicted: [Int: Float] = [:]
        for target in 0..<graph.nodeCount {
            for edge in graph.effects.row(target) where graph.effects.columns[edge] == Int32(node) {
                predicted[target] = -graph.effects.values[edge]
            }
        }
        return predicted
    }

    /// The change of a target where the normalised final stream changes by dx, `[d_model]`.
    private func change(_ dx: UnsafePointer<Float>, of target: Int) -> Float {
        targets.directions[target].withUnsafeBufferPointer { direction in
            direction.baseAddress.map { dot($0, dx, count: direction.count) } ?? 0
        }
    }
}
