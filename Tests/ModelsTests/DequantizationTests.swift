import Models
import Testing

/// Every number type against the `gguf` Python package (`tools/reference/make_quantized_blocks.py`).
@Suite("Dequantization")
struct DequantizationTests {
    @Test(
        "Dequantized values equal those of the gguf package",
        arguments: [
            "F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q6_K",
        ])
    func exactValues(_ type: String) throws {
        let stored = try GGUFFile(path: fixture("gguf/blocks.gguf")).values(of: type)
        let expected = try Safetensors(path: fixture("gguf/blocks.safetensors")).values(of: type)
        #expect(stored.shape == [3, 512])
        #expect(stored.shape == expected.shape)
        // Bit for bit, but for the sign of zeros.
        let differing = zip(stored.values, expected.values).enumerated().filter { $1.0 != $1.1 }
        #expect(differing.isEmpty, "first at \(differing.first?.offset ?? -1)")
        #expect(stored.values.contains { $0 != 0 })
    }
}
