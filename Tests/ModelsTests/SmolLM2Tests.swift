import Foundation
import Models
import Testing

/// The project's real model, where it has been fetched.
@Suite("SmolLM2", .enabled(if: (try? ModelLocation.find("smollm2")) != nil))
struct SmolLM2Tests {
    @Test("The configuration, the quantization and the digest are those of SmolLM2")
    func configuration() throws {
        let model = try Model.load("smollm2")
        let shape = model.configuration
        #expect(shape.family == .llama)
        let heads: [Int] = [shape.nLayers, shape.nHeads, shape.nKeyValueHeads, shape.dHead]
        #expect(heads == [30, 9, 3, 64])
        let widths: [Int] = [shape.dModel, shape.dMLP, shape.dVocab, shape.nContext]
        #expect(widths == [576, 1536, 49152, 8192])
        #expect(shape.normalization == .rmsNorm(epsilon: 1e-5))
        #expect(model.quantization == "Q4_1")
        #expect(model.unembedding.weight.values == model.tokenEmbedding.values)
        #expect(model.name == "SmolLM2-135M-Instruct.Q4_1")
        guard case .rotary(let rotary) = shape.positions else {
            Issue.record("no rotary positions")
            return
        }
        #expect(rotary.dimensions == 64)
        #expect(rotary.inverseFrequencies.first == 1)
        let digest = try model.digest()
        #expect(digest == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
    }
}
