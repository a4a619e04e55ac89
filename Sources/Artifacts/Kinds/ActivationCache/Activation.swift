import HDF5

/// One activation of one run, `[pair, position, ...]`, as float32.
///
/// In a contiguous float32 cache it is the mapped file itself; otherwise it was read and widened.
package struct Activation: Sendable {
    /// The length of each axis, `[pair, position, ...]`.
    package let shape: [Int]
    private let storage: Storage

    private enum Storage: Sendable {
        case mapped(MappedArray<Float>)
        case owned([Float])
    }

    init(shape: [Int], mapped: MappedArray<Float>) {
        self.shape = shape
        storage = .mapped(mapped)
    }

    init(shape: [Int], values: [Float]) {
        self.shape = shape
        storage = .owned(values)
    }

    /// Whether the values are the mapped file itself, not a copy.
    package var isMapped: Bool {
        if case .mapped = storage { true } else { false }
    }

    /// The number of values.
    package var count: Int { shape.reduce(1, *) }

    /// Calls `body` with the values in row-major order; the pointer is valid during the call.
    package func withUnsafeBufferPointer<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch storage {
        case .mapped(let values): try values.withUnsafeBufferPointer(body)
        case .owned(let values): try values.withUnsafeBufferPointer(body)
        }
    }

    /// A copy of all values in row-major order.
    package func values() -> [Float] {
        withUnsafeBufferPointer { Array($0) }
    }
}
