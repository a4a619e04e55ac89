import Basics

/// A number type of PyTorch.
package enum TorchType: String, CaseIterable, Sendable {
    case float32 = "FloatStorage"
    case float64 = "DoubleStorage"
    case float16 = "HalfStorage"
    case bfloat16 = "BFloat16Storage"
    case int64 = "LongStorage"
    case int32 = "IntStorage"
    case uint8 = "ByteStorage"
    case bool = "BoolStorage"

    /// The type of a storage by its class, `torch.FloatStorage`.
    init?(storage name: String) {
        guard name.hasPrefix("torch.") else { return nil }
        self.init(rawValue: String(name.dropFirst(6)))
    }

    /// Bytes of a number.
    package var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16: 2
        case .uint8, .bool: 1
        }
    }
}

/// A tensor in a file, where it lies.
package struct TorchTensor: @unchecked Sendable {
    /// The length of each axis.
    package let shape: [Int]
    /// How its numbers are stored.
    package let type: TorchType
    private let strides: [Int]
    private let offset: Int
    private let bytes: UnsafeRawBufferPointer
    /// Keeps the bytes mapped.
    private let owner: AnyObject

    /// A tensor of `bytes`; nil where it reaches beyond them.
    init?(
        shape: [Int], strides: [Int], offset: Int, type: TorchType, bytes: UnsafeRawBufferPointer,
        owner: AnyObject
    ) {
        guard offset >= 0, shape.count == strides.count, shape.allSatisfy({ $0 >= 0 }),
            strides.allSatisfy({ $0 >= 0 })
        else { return nil }
        // No dimension repeats numbers: else a small file would fill the memory.
        var count = 1
        var last = offset
        for (length, stride) in zip(shape, strides) {
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: length)
            let (reach, isTooFar) = max(length - 1, 0).multipliedReportingOverflow(by: stride)
            let (end, isBeyond) = last.addingReportingOverflow(reach)
            guard !isTooLarge, !isTooFar, !isBeyond else { return nil }
            (count, last) = (product, end)
        }
        let stored = bytes.count / type.size
        guard count == 0 || (last < stored && count <= stored) else { return nil }
        // The stride of an axis of one number is never taken, and PyTorch stores any.
        self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
        (self.shape, self.offset) = (shape, offset)
        (self.type, self.bytes, self.owner) = (type, bytes, owner)
    }

    /// The number of values.
    package var count: Int { shape.reduce(1, *) }

    /// The values as float32, the last axis running fastest.
    package func floats() -> [Float] {
        switch type {
        case .float32: values(UInt32.self) { Float(bitPattern: $0) }
        case .float64: values(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .float16: values(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: values(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .int64: values(UInt64.self) { Float(Int64(bitPattern: $0)) }
        case .int32: values(UInt32.self) { Float(Int32(bitPattern: $0)) }
        case .uint8: values(UInt8.self) { Float($0) }
        case .bool: values(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// The values as whole numbers; nil of a tensor of other numbers.
    package func integers() -> [Int]? {
        switch type {
        case .int64: values(UInt64.self) { Int(Int64(bitPattern: $0)) }
        case .int32: values(UInt32.self) { Int(Int32(bitPattern: $0)) }
        case .uint8: values(UInt8.self) { Int($0) }
        case .bool: values(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .float32, .float64, .float16, .bfloat16: nil
        }
    }

    /// Whether each value is not 0.
    package func flags() -> [Bool] { floats().map { $0 != 0 } }

    private func values<Pattern: FixedWidthInteger, Value>(
        _ pattern: Pattern.Type, _ value: (Pattern) -> Value
    ) -> [Value] {
        let count = count
        return [Value](unsafeUninitializedCapacity: count) { result, written in
            var index = [Int](repeating: 0, count: shape.count)
            var place = offset
            for number in 0..<count {
                let stored = bytes.loadUnaligned(
                    fromByteOffset: place * type.size, as: Pattern.self)
                result.initializeElement(at: number, to: value(Pattern(littleEndian: stored)))
                var axis = shape.count - 1
                while axis >= 0 {
                    index[axis] += 1
                    place += strides[axis]
                    if index[axis] < shape[axis] { break }
                    place -= strides[axis] * shape[axis]
                    index[axis] = 0
                    axis -= 1
                }
            }
            written = count
        }
    }
}
