import CKernels

/// How the numbers of weights are held in memory.
package enum NumberFormat: Int32, Hashable, Sendable {
    // As in `NumberType`, and in the C kernels.
    case float32 = 0
    case float16 = 1
    case bfloat16 = 30

    /// Bytes of a number.
    package var bytes: Int { self == .float32 ? 4 : 2 }
}

/// Where the numbers of weights lie: in memory that somebody else keeps alive.
///
/// Numbers of 16 bits are widened to float32 where they are used, exactly; nothing keeps a copy.
package struct StoredValues: Hashable, @unchecked Sendable {
    /// The first number.
    package let address: UnsafeRawPointer
    /// What the numbers are.
    package let format: NumberFormat

    /// Numbers in memory.
    package init(_ address: UnsafeRawPointer, _ format: NumberFormat) {
        self.address = address
        self.format = format
    }

    /// Those that begin `count` numbers later.
    package func advanced(by count: Int) -> StoredValues {
        StoredValues(address + count * format.bytes, format)
    }

    /// One number, for code whose speed doesn't matter.
    package subscript(index: Int) -> Float {
        var value: Float = 0
        advanced(by: index).copy(1, to: &value)
        return value
    }

    /// Copies the first `count` numbers to y.
    package func copy(_ count: Int, to y: UnsafeMutablePointer<Float>) {
        ct_dequantize(format.rawValue, address, count, y)
    }

    /// Copies every `stride`-th number to y.
    package func copy(_ count: Int, stride: Int, to y: UnsafeMutablePointer<Float>) {
        switch format {
        case .float32:
            let values = address.assumingMemoryBound(to: Float.self)
            for index in 0..<count { y[index] = values[index * stride] }
        case .float16, .bfloat16:
            for index in 0..<count { advanced(by: index * stride).copy(1, to: y + index) }
        }
    }
}
