import Glibc

/// Memory of the engine: 64-byte aligned and not initialised, or a view of a mapped file; freed with
/// the last reference.
///
/// It doesn't guard its values: threads that write at the same time must keep to disjoint parts.
package final class Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The first value.
    package let values: UnsafeMutablePointer<Element>
    /// Number of values.
    package let count: Int
    /// What keeps memory that isn't this buffer's own.
    private let owner: (AnyObject & Sendable)?
    /// The size of the buffer's own pages; 0 where its memory is of the heap or of others.
    private let pageBytes: Int

    /// Memory for `count` values.
    package init(count: Int) {
        self.count = count
        owner = nil
        let size = max(1, count * MemoryLayout<Element>.stride)
        let memory: UnsafeMutableRawPointer?
        if size < Self.leastPageBytes {
            pageBytes = 0
            memory = aligned_alloc(64, (size + 63) & ~63)
        } else {
            // Pages of its own go back to the system at once, and leave no holes in the heap.
            pageBytes = size
            memory = mmap(
                nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            if size >= 1 << 24 { _ = madvise(memory, size, MADV_HUGEPAGE) }
        }
        guard let memory, memory != MAP_FAILED else { fatalError("no memory for \(count) values") }
        values = memory.bindMemory(to: Element.self, capacity: count)
    }

    /// A copy of these values.
    package convenience init(_ source: some Collection<Element>) {
        self.init(count: source.count)
        let isCopied: Void? = source.withContiguousStorageIfAvailable { source in
            if let first = source.baseAddress { values.update(from: first, count: source.count) }
        }
        guard isCopied == nil else { return }
        for (index, value) in source.enumerated() { values[index] = value }
    }

    /// A view of memory that `owner` keeps, such as a mapped file: only to be read.
    package init(viewing values: UnsafePointer<Element>, count: Int, owner: AnyObject & Sendable) {
        self.values = UnsafeMutablePointer(mutating: values)
        self.count = count
        self.owner = owner
        pageBytes = 0
    }

    deinit {
        if pageBytes > 0 {
            munmap(values, pageBytes)
        } else if owner == nil {
            free(values)
        }
    }

    /// From what size on a buffer has pages of its own.
    private static var leastPageBytes: Int { 1 << 18 }

    /// A copy of the values, for code whose speed doesn't matter.
    package var array: [Element] { Array(UnsafeBufferPointer(start: values, count: count)) }
}

extension Buffer where Element == Float {
    /// Zeroed memory for `count` values.
    package convenience init(zeros count: Int) {
        self.init(count: count)
        values.update(repeating: 0, count: count)
    }

    /// The differences x - y of two buffers of the same size.
    package convenience init(_ x: FloatBuffer, minus y: FloatBuffer) {
        precondition(x.count == y.count, "differences of buffers of different sizes")
        self.init(count: x.count)
        values.update(from: x.values, minus: y.values, count: count)
    }
}

/// Float32 memory of the engine.
package typealias FloatBuffer = Buffer<Float>
