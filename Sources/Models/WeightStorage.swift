package import Basics
import Glibc

/// Memory that weights are views of, counted in float32: 64-byte aligned, freed with the last reference.
///
/// It is filled before any other thread can see it, by the loaders or by the code that builds a model
/// in memory.
package final class WeightStorage: @unchecked Sendable {
    /// The first value.
    package let values: UnsafeMutablePointer<Float>
    /// Number of values.
    package let count: Int
    private let byteCount: Int

    /// Zeroed memory for `count` values.
    ///
    /// It is mapped from the system, so pages that are never written cost nothing.
    /// - Throws: `Failure` if there is no such memory.
    package init(count: Int) throws(Failure) {
        let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: 4)
        let memory =
            overflow
            ? MAP_FAILED
            : mmap(
                nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0)
        guard let memory, memory != MAP_FAILED else {
            throw Failure(
                .io, "no memory for \(count) weights; free some, or take a smaller model")
        }
        // Half a gigabyte is touched in one go: with large pages that is 270 faults, not 130,000.
        if bytes >= 1 << 21 { _ = madvise(memory, bytes, MADV_HUGEPAGE) }
        values = memory.bindMemory(to: Float.self, capacity: count)
        self.count = count
        byteCount = bytes
    }

    /// A copy of `values`.
    package convenience init(_ values: [Float]) throws(Failure) {
        try self.init(count: values.count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { self.values.update(from: base, count: source.count) }
        }
    }

    deinit { munmap(values, byteCount) }

    /// `count` of the values, from `offset` on, as a vector.
    func vector(at offset: Int = 0, count: Int) -> Vector {
        precondition(offset >= 0 && count >= 0 && count <= self.count - offset, "out of range")
        return Vector(values: values + offset, count: count)
    }

    /// The values from `offset` on as a matrix without gaps.
    package func weight(
        at offset: Int = 0, inputs: Int, outputs: Int, layout: Weight.Layout
    ) -> Weight {
        precondition(offset >= 0 && inputs * outputs <= count - offset, "out of range")
        return Weight(
            values: UnsafePointer(values + offset), inputs: inputs, outputs: outputs, layout: layout
        )
    }
}
