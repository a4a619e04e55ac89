import Artifacts
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Models
import Tasks
import Testing

/// The backward pass against gradients by PyTorch, and against finite differences.
@Suite("Gradients at receivers")
struct ReceiverGradientTests {
    @Test(
        "Gradients at every receiver equal the reference's",
        arguments: ReferencePairs.everyFamily)
    func reference(family: String) throws {
        let pairs = try ReferencePairs(family)
        let expected = try pairs.reference("gradients", as: [String: [[Float]]].self)
        let configuration = pairs.transformer.configuration
        let graph = ComputationalGraph(configuration)
        #expect(Set(expected.keys) == Set(graph.receivers.map(\.name)))
        let run = try Run(pairs, .logitDifference, pairs: 0..<1)
        let size = run.rows * configuration.dModel
        let found = run.gradients(graph)
        for (receiver, name) in graph.receivers.map(\.name).enumerated() {
            let values = try #require(expected[name]).flatMap { $0 }
            #expect(values.count == size)
            let scale = values.map(abs).max() ?? 0
            let gap = zip(found[receiver], values).map { abs($0 - $1) }.max() ?? .infinity
            #expect(gap <= 1e-4 * max(scale, 1e-3), "\(family) \(name)")
        }
    }

    @Test(
        "The gradient predicts how the loss changes with the embedding",
        arguments: ReferencePairs.families,
        Metric.allCases.filter(\.isDifferentiable))
    func finiteDifferences(family: String, metric: Metric) throws {
        // The ragged pairs have two answers each.
        let file = metric == .answerLogProbability ? "pairs" : "ragged"
        let pairs = try ReferencePairs(family, file: file)
        let graph = ComputationalGraph(pairs.transformer.configuration)
        let run = try Run(pairs, metric, pairs: 0..<pairs.dataset.pairCount)
        // At the corrupted embedding, where the KL divergence isn't at its minimum.
        let base = pairs.corrupted.input.array
        let direction = zip(pairs.clean.input.array, base).map { $0 - $1 }
        let gradients = run.gradients(graph, at: base)
        // All receivers together read the embedding: their gradients add up to its own.
        var slope = 0.0
        for gradient in gradients {
            slope += zip(gradient, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let step: Float = 1e-3
        let ahead = run.loss(at: zip(base, direction).map { $0 + step * $1 })
        let behind = run.loss(at: zip(base, direction).map { $0 - step * $1 })
        let expected = (ahead - behind) / Double(2 * step)
        #expect(abs(slope - expected) < 0.01 * abs(expected) + 0.02, "\(family) \(metric)")
    }

    /// Passes over some of the pairs.
    struct Run {
        let pairs: ReferencePairs
        let metric: BoundMetric
        let range: Range<Int>
        let lengths: [Int]
        var rows: Int { lengths.reduce(0, +) }

        init(_ pairs: ReferencePairs, _ metric: Metric, pairs range: Range<Int>) throws {
            self.pairs = pairs
            self.metric = try pairs.bound(metric)
            self.range = range
            lengths = range.map(pairs.clean.layout.length)
        }

        /// The summed loss of the pairs, with these embeddings.
        func loss(at embedding: [Float]) -> Double {
            let pass = DifferentiablePass(
                pairs.transformer, lengths: lengths, workspace: Workspace())
            embedding.withUnsafeBufferPointer { source in
                if let first = source.baseAddress {
                    pass.embedding.update(from: first, count: source.count)
                }
            }
            pass.forward()
            let ends = FloatBuffer(count: range.count * pairs.transformer.configuration.dModel)
            pass.normalizedEnds(to: ends.values)
            let logits = pairs.transformer.unembed(normalized: ends, rows: range.count)
            let dVocab = pairs.transformer.configuration.dVocabOut
            return metric.lossSign
                * range.enumerated().reduce(0) { sum, pair in
                    sum
                        + metric.value(
                            logits: logits.values + pair.offset * dVocab, pair: pair.element)
                }
        }

        /// The gradient at each receiver's input, `[receiver][row * d_model]`; by default in the
        /// clean run.
        func gradients(_ graph: ComputationalGraph, at embedding: [Float]? = nil) -> [[Float]] {
            let dModel = pairs.transformer.configuration.dModel
            let size = rows * dModel
            let first = pairs.clean.layout.starts[range.lowerBound] * dModel
            let source = embedding ?? Array(pairs.clean.input.array[first..<first + size])
            let pass = DifferentiablePass(
                pairs.transformer, lengths: lengths, workspace: Workspace())
            for (index, value) in source.enumerated() { pass.embedding[index] = value }
            pass.forward()
            let ends = FloatBuffer(count: range.count * dModel)
            let endGradients = FloatBuffer(count: range.count * dModel)
            pass.normalizedEnds(to: ends.values)
            let workspace = Workspace()
            metric.lossGradient(
                normalized: ends.values, pairs: range, into: endGradients.values,
                workspace: workspace)
            var result = Array(repeating: [Float](), count: graph.receivers.count)
            pass.backward(endGradients.values) { receivers, values in
                let (start, count) =
                    switch receivers {
                    case .logits: (graph.logitsReceiver, 1)
                    case .layer(let layer):
                        (layer * graph.receiversPerLayer, graph.receiversPerLayer)
                    }
                for index in 0..<count {
                    result[start + index] = Array(
                        UnsafeBufferPointer(start: values + index * size, count: size))
                }
            }
            return result
        }
    }
}
