extension Float {
    /// The number whose upper half is `bits`.
    init(bfloat16 bits: UInt16) {
        self.init(bitPattern: UInt32(bits) << 16)
    }

    /// The upper half of this number, rounded to nearest, ties to even, as hardware and PyTorch do.
    var bfloat16: UInt16 {
        // Rounding up could turn a NaN into an infinity.
        if isNaN { return UInt16(truncatingIfNeeded: bitPattern >> 16) | 0x40 }
        let rounding = 0x7FFF + (bitPattern >> 16 & 1)
        return UInt16(truncatingIfNeeded: (bitPattern &+ rounding) >> 16)
    }
}
