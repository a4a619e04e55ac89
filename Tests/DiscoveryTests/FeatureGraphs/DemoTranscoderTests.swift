import Discovery
import Engine
import Foundation
import Models
import TestSupport
import Testing

/// The transcoders trained for the demo model: what they reconstruct.
@Suite("The demo model's transcoders")
struct DemoTranscoderTests {
    /// What was measured with PyTorch when they were trained.
    private struct Training: Decodable {
        struct Layer: Decodable {
            var explained_variance: Double
        }
        struct Prompts: Decodable {
            var ids: [[Int32]]
            var explained_variance: [Double]
        }
        var layers: [Layer]
        var loss: Double
        var loss_with_transcoders: Double
        var loss_with_mean_outputs: Double
        var prompts: Prompts
    }

    @Test("They explain the variance of MLP outputs that training.json states")
    func explainedVariance() throws {
        let training = try JSONDecoder().decode(
            Training.self,
            from: Data(
                contentsOf: URL(filePath: Fixture.path("transcoders/demo/training.json"))))
        let set = try TranscoderSet(Fixture.path("transcoders/demo"))
        let transformer = try Transformer(Model.load(Fixture.path("models/demo")))
        try set.requireFit(transformer.configuration, name: "demo")
        let width = set.dModel
        var written = [[[Float]]](repeating: [], count: set.layers.count)
        var errors = [Double](repeating: 0, count: set.layers.count)
        for prompt in training.prompts.ids {
            let points = set.layers.indices.map { HookPoint.block($0, .mlpOut) }
            let (recorded, _) = try transformer.record(Set(points), of: [prompt])
            let sources = try FeatureSources(
                FrozenRun(prompt, with: transformer, outputHook: set.outputHook), set)
            let row = FloatBuffer(count: width)
            for (layer, point) in points.enumerated() {
                let outputs = try #require(recorded[point]).array
                var rest = outputs
                for feature in sources.features where feature.layer == Int32(layer) {
                    set.layers[layer].copyDecoder(of: Int(feature.index), output: 0, to: row.values)
                    for i in 0..<width {
                        rest[Int(feature.position) * width + i] -=
                            feature.activation * row.values[i]
                    }
                }
                // The first position has no features.
                for position in 1..<prompt.count {
                    for i in 0..<width {
                        let error = rest[position * width + i] - set.layers[layer].decoderBias[i]
                        errors[layer] += Double(error * error)
                    }
                    written[layer].append(
                        Array(outputs[position * width..<(position + 1) * width]))
                }
            }
        }
        for layer in set.layers.indices {
            let rows = written[layer]
            let means = (0..<width).map { i in
                rows.reduce(0.0) { $0 + Double($1[i]) } / Double(rows.count)
            }
            let variance = rows.reduce(0.0) { sum, row in
                zip(row, means).reduce(sum) {
                    $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
                }
            }
            let explained = 1 - errors[layer] / variance
            #expect(abs(explained - training.prompts.explained_variance[layer]) < 2e-4)
            #expect(explained > 0.95 && training.layers[layer].explained_variance > 0.95)
        }
    }
}
