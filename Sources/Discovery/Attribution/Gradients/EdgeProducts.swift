import Engine
import Graphs

/// The products of senders' differences with receivers' gradients, a few layers of receivers at a
/// time: then the differences, of which there are more than caches hold, are read once for all of them.
///
/// Layers come from the last to the first, as a backward pass gives them, and `finish` ends them.
final class EdgeProducts {
    private let differences: SenderDifferences
    private let graph: ComputationalGraph
    private let rows: RowLayout
    private let layout: ScoreLayout
    private let weight: Float
    private let scores: UnsafeMutablePointer<Float>
    /// The gradients of the layers that wait, `[layer, receiver, row, d_model]`.
    private let gradients: UnsafeMutablePointer<Float>
    /// `[layer, receiver, sender]`
    private let products: UnsafeMutablePointer<Float>
    private var waiting: [Int] = []

    /// How many layers wait for each other.
    private static let mostLayers = 3

    /// Products that are added to scores.
    /// - Parameters:
    ///   - rows: of the pairs.
    ///   - weight: what products are multiplied with.
    ///   - scores: `[pair, value]` as `layout` says.
    ///   - workspace: the memory, which has to stay taken until `finish`.
    init(
        _ differences: SenderDifferences, of graph: ComputationalGraph, rows: RowLayout,
        layout: ScoreLayout, weight: Float, to scores: UnsafeMutablePointer<Float>,
        in workspace: Workspace
    ) {
        self.differences = differences
        self.graph = graph
        self.rows = rows
        self.layout = layout
        self.weight = weight
        self.scores = scores
        let layers = layout.resolvesPositions ? 0 : Self.mostLayers
        gradients = workspace.take(layers * graph.receiversPerLayer * differences.size)
        products = workspace.take(layers * graph.receiversPerLayer * graph.senders.count)
    }

    /// Takes the gradients at some receivers, `[receiver, row, d_model]`.
    func add(_ receivers: DifferentiablePass.Receivers, _ gradients: UnsafePointer<Float>) {
        guard case .layer(let layer) = receivers, !layout.resolvesPositions else {
            return differences.addProducts(
                with: gradients, of: receivers, weight: weight, rows: rows, layout: layout,
                to: scores)
        }
        let size = graph.receiversPerLayer * differences.size
        (self.gradients + waiting.count * size).update(from: gradients, count: size)
        waiting.append(layer)
        if waiting.count == Self.mostLayers { finish() }
    }

    /// Adds the products of the layers that wait.
    func finish() {
        defer { waiting = [] }
        guard let lowest = waiting.last else { return }
        let receivers = graph.receiversPerLayer
        let common = graph.senderCount(of: lowest * receivers)
        for pair in 0..<rows.promptCount {
            let (rows, ofPair) = (rows.rows(pair), scores + pair * layout.width)
            differences.multiply(
                gradients, receivers: waiting.count * receivers, senders: 0..<common, rows: rows,
                weight: weight, keep: 0, to: products)
            for (number, layer) in waiting.enumerated() {
                let before = graph.senderCount(of: layer * receivers)
                let first = ofPair + graph.edgeStart[layer * receivers]
                // The MLP's edges from before the layer's own heads lie like one more row of those
                // of the heads' inputs.
                for receiver in 0..<receivers {
                    (first + receiver * before).add(
                        products + (number * receivers + receiver) * common, count: common)
                }
                let own = gradients + number * receivers * differences.size
                differences.multiply(
                    own, receivers: receivers, senders: common..<before, rows: rows,
                    weight: weight, to: first + common, stride: before)
                let mlp = graph.receiver(mlp: layer)
                differences.multiply(
                    own + (receivers - 1) * differences.size, receivers: 1,
                    senders: before..<graph.senderCount(of: mlp), rows: rows, weight: weight,
                    to: ofPair + graph.edgeStart[mlp] + before)
            }
        }
    }
}
