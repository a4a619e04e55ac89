import Discovery
import Engine
import Models
import TestSupport
import Testing

/// Transcoders that SAELens and sparsify saved: our reading of them against their own results.
@Suite("Transcoders of SAELens and sparsify")
struct LayerFolderTests {
    private static let names = ["saelens-skip", "saelens-jumprelu", "sparsify"]

    private func set(_ name: String) throws -> TranscoderSet {
        try TranscoderSet(Fixture.path("attribution/sets/\(name)"))
    }

    @Test("Hooks and activation are what the libraries say")
    func settings() throws {
        let skip = try set("saelens-skip")
        #expect(skip.inputHook == .residualMid && skip.outputHook == .mlpModule)
        #expect(skip.activation == .relu && skip.modelName == "tiny-llama")
        #expect(skip.layers.count == 3 && skip.layers.allSatisfy { $0.skip != nil })
        let jump = try set("saelens-jumprelu")
        #expect(jump.inputHook == .normalized && jump.outputHook == .mlpOut)
        #expect(jump.activation == .jumpReLU && jump.layers.allSatisfy { $0.skip == nil })
        let top = try set("sparsify")
        #expect(top.inputHook == .mlpIn && top.outputHook == .mlpModule)
        #expect(top.activation == .positiveTopK(5) && top.modelName == nil)
        #expect(try Set([skip, jump, top].map { try $0.digest() }).count == 3)
    }

    @Test("Features and reconstructions are those of the library", arguments: names)
    func values(name: String) throws {
        let set = try set(name)
        let expected = try Safetensors(
            path: Fixture.path("attribution/expected/layer-folders.safetensors"))
        let (width, count) = (set.dModel, set.featureCount)
        let row = FloatBuffer(count: width)
        for (number, layer) in set.layers.enumerated() {
            func values(_ array: String) throws -> [Float] {
                try expected.values(of: "\(name).\(number).\(array)").values
            }
            let (x, features, output) = (
                try values("x"), try values("features"), try values("output")
            )
            for position in 0..<4 {
                let read = FloatBuffer(x[position * width..<(position + 1) * width])
                var z = (0..<count).map { feature in
                    layer.copyEncoder(of: feature, to: row.values)
                    return dot(read.values, row.values, count: width) + layer.encoderBias[feature]
                }
                let cut = z.sorted(by: >)[(set.activation.k ?? count) - 1]
                for feature in 0..<count
                where z[feature] < cut || z[feature] <= (layer.thresholds?[feature] ?? 0) {
                    z[feature] = 0
                }
                #expect(gap(z, features[position * count..<(position + 1) * count]) < 1e-5)
                let written = FloatBuffer(layer.decoderBias)
                for feature in 0..<count where z[feature] != 0 {
                    layer.copyDecoder(of: feature, output: 0, to: row.values)
                    written.values.add(row.values, times: z[feature], count: width)
                }
                layer.skip?.apply(
                    read.values, stride: width, to: written.values, stride: width, rows: 1, keep: 1)
                #expect(
                    gap(written.array, output[position * width..<(position + 1) * width]) < 1e-5)
            }
        }
    }

    private func gap(_ one: some Sequence<Float>, _ other: some Sequence<Float>) -> Float {
        zip(one, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test("sparsify's features are at most k at a position, and positive")
    func positive() throws {
        let set = try set("sparsify")
        let transformer = try Transformer(Model.load(Fixture.path("models/tiny-llama-gqa")))
        let run = try FrozenRun(
            [2, 17, 33, 45, 9, 17], with: transformer, outputHook: set.outputHook)
        let sources = try FeatureSources(run, set)
        #expect(sources.features.count > 10)
        #expect(sources.features.allSatisfy { $0.activation > 0 })
        let places = Dictionary(grouping: sources.features) { "\($0.layer)@\($0.position)" }
        #expect(places.values.allSatisfy { $0.count <= 5 })
        // With fewer positive ones than k some places have fewer.
        #expect(places.values.contains { $0.count < 5 })
    }
}
