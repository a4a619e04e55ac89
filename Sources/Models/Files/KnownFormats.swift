/// The kinds of number that weights may be stored in, as docs/families.md lists them.
package enum KnownFormats {
    /// Those that are read from GGUF files: `Q4_K`.
    package static var gguf: [String] { NumberType.allCases.map(\.name) }
    /// Those that are read from safetensors files: `BF16`.
    package static var safetensors: [String] { Safetensors.types.keys.sorted() }
}
