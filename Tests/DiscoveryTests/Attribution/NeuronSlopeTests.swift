import Artifacts
import Discovery
import Engine
import ExperimentSupport
import Experiments
import Graphs
import Tasks
import Testing

/// Scores of neurons against the forward pass, also where the model normalises the output of an MLP
/// and its neurons don't add up to its score.
@Suite("Scores of neurons as slopes of the loss")
struct NeuronSlopeTests {
    @Test(
        "The scores of an MLP's neurons sum to the slope of the loss along its hidden layer",
        arguments: ReferencePairs.families)
    func hiddenLayers(family: String) throws {
        let pairs = try ReferencePairs(family, file: "ragged")
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let scores = try pairs.scores(by: EAP(), .logitDifference, resolution: .neurons)
        let neurons = try #require(scores.ofNeurons)
        for layer in 0..<graph.nLayers {
            let node = graph.sender(mlp: layer)
            let sum = neurons.values[node * neurons.shape[1]..<(node + 1) * neurons.shape[1]]
                .filter { !$0.isNaN }.reduce(0.0) { $0 + Double($1) }
            let step: Float = 2e-3
            let ahead = try loss(pairs, layer, moved: step)
            let behind = try loss(pairs, layer, moved: -step)
            let expected = (ahead - behind) / Double(2 * step)
            #expect(abs(sum - expected) < 0.01 * abs(expected) + 0.003, "\(family) m\(layer)")
        }
    }

    /// The mean loss with a layer's hidden values moved by a share of the way to the corrupted ones.
    private func loss(_ pairs: ReferencePairs, _ layer: Int, moved share: Float) throws -> Double {
        let point = HookPoint.block(layer, .mlpPost)
        let transformer = pairs.transformer
        let clean = try transformer.record([point], of: pairs.dataset.clean.ids).activations
        let corrupted = try transformer.record([point], of: pairs.dataset.corrupted.ids).activations
        let (from, to) = (try #require(clean[point]), try #require(corrupted[point]))
        let hooks = ForwardHooks(at: [point]) { _, block in
            let first = block.rows.lowerBound * block.width
            for index in 0..<block.rows.count * block.width {
                block.values[index] +=
                    share * (to.values[first + index] - from.values[first + index])
            }
        }
        let metric = try pairs.bound(.logitDifference)
        let layout = clean.layout
        let ends = transformer.finalStream(
            layout, of: pairs.dataset.clean.ids,
            rows: (0..<layout.promptCount).map { layout.starts[$0 + 1] - 1 }, hooks: hooks)
        let logits = transformer.unembed(normalized: ends, rows: pairs.dataset.pairCount)
        return metric.lossSign * metric.values(logits: logits).reduce(0, +)
            / Double(pairs.dataset.pairCount)
    }
}
