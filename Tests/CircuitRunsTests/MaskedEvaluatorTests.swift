import Artifacts
import Basics
import CircuitRuns
import Engine
import ExperimentSupport
import Experiments
import Foundation
import Graphs
import Tasks
import Testing

/// The masked evaluation against that of sets of edges, and its gradients against finite
/// differences.
@Suite("The metric under masks, and its gradients")
struct MaskedEvaluatorTests {
    @Test(
        "At a mask of zeros and ones it is the circuit's evaluation",
        arguments: ReferencePairs.groupings)
    func circuits(family: String, ungrouped: Bool) throws {
        let pairs = try ReferencePairs(family, file: "ragged")
        var generator = SplitMix64(seed: 3)
        for ablation in [Ablation.resample, .zero, .mean] {
            for share in [0.8, 0.3] {
                let experiment = try pairs.experiment(
                    .logitDifference, ungrouped: ungrouped, ablation: ablation)
                let evaluator = MaskedEvaluator(experiment)
                let inCircuit = (0..<evaluator.graph.edgeCount).map { _ in
                    generator.nextUnit() < share
                }
                let values = evaluator.evaluate(EdgeMasks(inCircuit)).values
                let edgeByEdge = CircuitEvaluator(experiment)
                    .values(of: inCircuit, isSparse: true)
                for (a, b) in zip(values, edgeByEdge) {
                    #expect(abs(a - b) < 5e-5 * max(1, abs(b)), "\(family) \(ablation)")
                }
            }
        }
    }

    @Test(
        "The gradient by masks predicts how the loss changes", arguments: ReferencePairs.groupings)
    func maskGradient(family: String, ungrouped: Bool) throws {
        let pairs = try ReferencePairs(family, file: "ragged")
        for metric in [Metric.kl, .logitDifference] {
            let evaluator = MaskedEvaluator(
                try pairs.experiment(metric, ungrouped: ungrouped, ablation: .resample))
            var generator = SplitMix64(seed: 11)
            let mask = (0..<evaluator.graph.edgeCount).map { _ in Float(generator.nextUnit()) }
            let direction = mask.map { _ in Float(generator.nextUnit() * 2 - 1) }
            let gradient = evaluator.maskGradient(mask).gradient
            let predicted = zip(gradient, direction).reduce(0) { $0 + $1.0 * Double($1.1) }
            let expected = slope { step in
                let moved = zip(mask, direction).map { $0 + step * $1 }
                return evaluator.evaluate(.shared(moved)).loss
            }
            #expect(abs(predicted - expected) < 0.01 * abs(expected) + 2e-3, "\(family) \(metric)")
        }
    }

    @Test(
        "The gradient by ablated outputs predicts how the loss changes",
        arguments: ReferencePairs.groupings)
    func ablatedGradient(family: String, ungrouped: Bool) throws {
        let pairs = try ReferencePairs(family, file: "ragged")
        let evaluator = MaskedEvaluator(
            try pairs.experiment(.kl, ungrouped: ungrouped, ablation: .mean))
        let dModel = evaluator.graph.dModel
        var generator = SplitMix64(seed: 5)
        let mask = (0..<evaluator.graph.edgeCount).map { _ in Float(generator.nextUnit()) }
        let gradient = evaluator.evaluate(
            .shared(mask), gradients: .ablated
        ).ablatedGradient
        // The input and the MLPs: their outputs are directions in the stream themselves.
        for (number, node) in evaluator.graph.senders.enumerated() {
            if case .head = node { continue }
            let direction = (0..<dModel).map { _ in Float(generator.nextUnit() * 2 - 1) }
            let predicted = (0..<dModel).reduce(0) {
                $0 + gradient[number * dModel + $1] * Double(direction[$1])
            }
            let expected = slope { step in
                let moved = evaluator.experiment.ablated.adding(
                    direction.map { step * $0 }, to: node)
                return evaluator.evaluate(.shared(mask), ablated: moved).loss
            }
            #expect(
                abs(predicted - expected) < 0.01 * abs(expected) + 2e-3, "\(family) \(node.name)")
        }
    }

    @Test("Each pair has a mask of its own, whatever stands beside it")
    func separateMasks() throws {
        let pairs = try ReferencePairs("tiny-llama-gqa", file: "ragged")
        let evaluator = MaskedEvaluator(
            try pairs.experiment(.logitDifference, ablation: .resample))
        let masks = EdgeMasks.ofPairs { pair, mask in
            var generator = SplitMix64(seed: UInt64(pair))
            for edge in 0..<evaluator.graph.edgeCount { mask[edge] = Float(generator.nextUnit()) }
        }
        var gradients: [[Float]] = []
        let together = evaluator.evaluate(masks, gradients: .masks) {
            #expect($0.pairs == gradients.count..<gradients.count + 1)
            gradients.append(
                Array(UnsafeBufferPointer(start: $0.gradient, count: evaluator.graph.edgeCount)))
        }
        for pair in 0..<pairs.dataset.pairCount {
            var generator = SplitMix64(seed: UInt64(pair))
            let mask = (0..<evaluator.graph.edgeCount).map { _ in Float(generator.nextUnit()) }
            var alone: [Float] = []
            let shared = evaluator.evaluate(
                .shared(mask), gradients: .masks, separatePairs: true
            ) {
                guard $0.pairs.lowerBound == pair else { return }
                alone = Array(
                    UnsafeBufferPointer(start: $0.gradient, count: evaluator.graph.edgeCount))
            }
            #expect(abs(shared.values[pair] - together.values[pair]) < 1e-4)
            let scale = alone.map(abs).max() ?? 0
            #expect(zip(alone, gradients[pair]).allSatisfy { abs($0 - $1) < 1e-4 * scale })
        }
    }

    @Test("Nothing depends on the number of threads")
    func threads() throws {
        let results = try [1, 3].map { threads in
            let pairs = try ReferencePairs("tiny-qwen2", file: "ragged", threads: threads)
            let evaluator = MaskedEvaluator(
                try pairs.experiment(.kl, ablation: .resample))
            let mask = [Float](repeating: 0.5, count: evaluator.graph.edgeCount)
            let found = evaluator.maskGradient(mask)
            return found.result.values + found.gradient
        }
        #expect(results[0] == results[1])
    }
}

/// The slope of a loss at 0, by central differences.
private func slope(_ loss: (Float) -> Double) -> Double {
    let step: Float = 2e-3
    return (loss(step) - loss(-step)) / Double(2 * step)
}

extension SenderOutputs {
    /// With a direction added to every row of the input or of an MLP.
    func adding(_ direction: [Float], to node: Node) -> SenderOutputs {
        func moved(_ values: FloatBuffer) -> FloatBuffer {
            FloatBuffer(values.array.enumerated().map { $1 + direction[$0 % direction.count] })
        }
        var mlp = mlp
        if case .mlp(let layer) = node { mlp[layer] = moved(mlp[layer]) }
        return SenderOutputs(
            layout: layout, input: node == .input ? moved(input) : input, z: z, mlp: mlp)
    }
}
