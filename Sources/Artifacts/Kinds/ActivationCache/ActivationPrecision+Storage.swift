import Crypto
import HDF5

extension ActivationPrecision {
    /// The type of the elements in the file.
    var elementType: ElementType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .uint16
        }
    }

    /// The largest value that is stored as a finite one.
    var greatestFiniteMagnitude: Float {
        switch self {
        case .float32: .greatestFiniteMagnitude
        // Halfway to the next power of two, and above, rounds to infinity.
        case .float16: Float(65520).nextDown
        case .bfloat16: Float(bitPattern: 0x7F7F_8000).nextDown
        }
    }

    /// The attributes of a dataset whose element type alone doesn't tell the precision.
    var attributes: [String: AttributeContent] {
        self == .bfloat16 ? ["encoding": .string("bfloat16")] : [:]
    }
}

extension ActivationLayout {
    /// The layout of a dataset of `shape`, whose first axis is the pairs.
    func layout(_ shape: [Int]) -> Layout {
        switch self {
        case .contiguous: .contiguous
        case .compressed(let level):
            // Empty axes have no chunks.
            shape.contains(0)
                ? .contiguous
                : .chunked([1] + shape.dropFirst(), deflate: level, shuffle: true, fletcher32: true)
        }
    }
}

extension Dataset {
    /// Writes activations of the pairs `rows` as `precision`, and adds the stored bytes to `hash` meanwhile.
    borrowing func write(
        _ values: UnsafeBufferPointer<Float>, as precision: ActivationPrecision, rows: Range<Int>,
        hash: inout SHA256
    ) throws(HDF5Error) {
        switch precision {
        case .float32: try write(values, rows: rows, hash: &hash)
        case .float16: try write(values.map { Float16($0) }, rows: rows, hash: &hash)
        case .bfloat16: try write(values.map(\.bfloat16), rows: rows, hash: &hash)
        }
    }

    private borrowing func write<Element: HDF5Element>(
        _ stored: [Element], rows: Range<Int>, hash: inout SHA256
    ) throws(HDF5Error) {
        try stored.withUnsafeBufferPointer { (stored) throws(HDF5Error) in
            try write(stored, rows: rows, hash: &hash)
        }
    }

    private borrowing func write<Element: HDF5Element>(
        _ stored: UnsafeBufferPointer<Element>, rows: Range<Int>, hash: inout SHA256
    ) throws(HDF5Error) {
        try hash.update(bufferPointer: UnsafeRawBufferPointer(stored)) { () throws(HDF5Error) in
            try write(stored, rows: rows)
        }
    }
}
