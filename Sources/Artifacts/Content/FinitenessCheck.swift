import HDF5

/// A search for activations that are infinite or not a number: their exponent has all bits set.
struct FinitenessCheck {
    /// Whether all values so far are finite.
    private(set) var isFinite = true
    private let type: ElementType
    private let allowsMinusInfinity: Bool

    /// A check of values of `type`: `float32`, `float16`, or `uint16` for bfloat16. Values of any other
    /// type pass.
    init(_ type: ElementType, allowsMinusInfinity: Bool = false) {
        self.type = type
        self.allowsMinusInfinity = allowsMinusInfinity
    }

    /// Checks the next elements; an element isn't split between two calls.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch type {
        case .float32: update(bytes, exponent: 0x7F80_0000 as UInt32)
        case .float16: update(bytes, exponent: 0x7C00 as UInt16)
        case .uint16: update(bytes, exponent: 0x7F80 as UInt16)
        default: break
        }
    }

    private mutating func update<Bits: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, exponent: Bits
    ) {
        // Without an early exit, so that the compiler vectorises the loop.
        var bad: Bits = 0
        // -infinity is all exponent and the sign; 0, which is finite, allows nothing.
        let allowed = allowsMinusInfinity ? exponent | Bits(1) << (Bits.bitWidth - 1) : 0
        for index in 0..<bytes.count / MemoryLayout<Bits>.size {
            let bits = bytes.loadUnaligned(
                fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
            bad |= bits & exponent == exponent && bits != allowed ? 1 : 0
        }
        if bad != 0 { isFinite = false }
    }
}
