import Artifacts
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Models
import Tasks
import Testing

/// Gradients of metrics at the final stream, against differences of their values, and where
/// probabilities are too small for a float.
@Suite("Gradients of metrics")
struct MetricGradientTests {
    @Test(
        "The gradient of each metric is the slope of its values",
        arguments: Metric.allCases.filter { $0.isDifferentiable && $0 != .answerLogProbability }
            + CustomMetricTests.metrics)
    func slopes(metric: Metric) throws {
        // The second caps its logits.
        for family in ["tiny-llama", "tiny-gemma2"] { try expectSlopes(of: metric, family) }
    }

    private func expectSlopes(of metric: Metric, _ family: String) throws {
        let pairs = try ReferencePairs(family)
        let bound = try pairs.bound(metric)
        let dModel = pairs.transformer.configuration.dModel
        let stream = FloatBuffer((0..<dModel).map { Float(sin(Double($0) * 1.7)) })
        let gradient = gradient(of: bound, pair: 1, at: stream)
        func loss(_ index: Int, _ step: Float) -> Double {
            let moved = FloatBuffer(stream.array)
            moved.values[index] += step
            return bound.values(normalized: moved, pairs: [1])[0] * bound.lossSign
        }
        let scale = max(1e-3, gradient.map { abs($0) }.max() ?? 0)
        for index in stride(from: 0, to: dModel, by: 5) {
            let slope = Float((loss(index, 1e-2) - loss(index, -1e-2)) / 2e-2)
            #expect(abs(slope - gradient[index]) < 0.01 * scale, "\(metric) \(index)")
        }
    }

    @Test("Answers' shares of the gradient don't underflow with their probabilities")
    func underflow() throws {
        let pairs = try ReferencePairs("tiny-llama")
        let transformer = pairs.transformer
        let (dModel, dVocab) = (
            transformer.configuration.dModel, transformer.configuration.dVocabOut
        )
        // A stream so long that all but a few tokens have probabilities below e^-100.
        let stream = FloatBuffer((0..<dModel).map { Float(sin(Double($0) * 1.7)) * 4000 })
        let logits = transformer.unembed(normalized: stream, rows: 1).array.map(Double.init)
        let order = logits.indices.sorted { logits[$0] < logits[$1] }
        let tokens = [order[0], order[1]]
        let largest = try #require(logits.max())
        #expect(tokens.allSatisfy { exp(Float(logits[$0] - largest)) == 0 })
        var dataset = pairs.dataset
        dataset.answers = dataset.answers.map { _ in tokens.map { [Int32($0)] } }
        let bound = try BoundMetric(
            .negativeLogLikelihood, dataset: dataset, transformer: transformer,
            cleanLogits: pairs.cleanLogits)

        let total = logits.reduce(0) { $0 + exp($1 - largest) }
        var slopes = logits.map { exp($0 - largest) / total }
        let shares = tokens.map { exp(logits[$0] - logits[tokens[1]]) }
        for (token, share) in zip(tokens, shares) { slopes[token] -= share / shares.reduce(0, +) }
        let expected = FloatBuffer(zeros: dModel)
        for token in 0..<dVocab {
            transformer.model.unembedding.weight.addColumn(
                token, scaledBy: Float(slopes[token]), to: expected.values)
        }
        let found = gradient(of: bound, pair: 0, at: stream)
        for (one, other) in zip(found, expected.array) {
            #expect(abs(one - other) < 1e-4 * max(1, abs(other)))
        }
        let value = bound.values(normalized: stream, pairs: [0])[0]
        let answer = logits[tokens[1]] + log(shares.reduce(0, +))
        #expect(abs(value - (largest + log(total) - answer)) < 1e-5 * value)
    }

    /// The gradient of a pair's loss at a row of the final stream, `[d_model]`.
    private func gradient(of bound: BoundMetric, pair: Int, at stream: FloatBuffer) -> [Float] {
        let gradient = FloatBuffer(zeros: stream.array.count)
        ScratchPool(workers: 1).withWorkspace(of: 0) { workspace in
            bound.lossGradient(
                normalized: stream.values, pairs: pair..<pair + 1, into: gradient.values,
                workspace: workspace)
        }
        return gradient.array
    }
}
