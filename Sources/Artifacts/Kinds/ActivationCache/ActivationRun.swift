/// The two runs of the model whose activations a cache holds.
package enum ActivationRun: String, CaseIterable, Hashable, Sendable {
    /// The clean prompts.
    case clean
    /// The corrupted prompts.
    case corrupted
}

/// The number type in which a cache holds activations.
package enum ActivationPrecision: String, CaseIterable, Hashable, Sendable {
    /// IEEE 754 single precision: exact, and mapped without a copy.
    case float32
    /// IEEE 754 half precision.
    case float16
    /// The upper half of a float32: its range, with 8 bits of significand. Stored as uint16 with the
    /// attribute `encoding`.
    case bfloat16

    /// Bytes of a value.
    package var elementSize: Int { self == .float32 ? 4 : 2 }
}

/// How activations are stored in the file.
package enum ActivationLayout: Hashable, Sendable {
    /// Each in one piece, aligned to pages: read by mapping, without a copy. The default.
    case contiguous
    /// In chunks of one pair, shuffled, deflated (level 1 to 9) and with checksums: smaller, slower.
    case compressed(level: Int)
}
