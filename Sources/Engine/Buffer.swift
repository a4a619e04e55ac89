import Glibc

/// Memory of the engine: 64-byte aligned and not initialised, or a view of a mapped file; freed with
/// the last reference.
///
/// Whoever holds it decides who writes where; concurrent writers must keep to disjoint parts.
public final class Buffer<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The first value.
    public let values: UnsafeMutablePointer<Element>
    /// Number of values.
    public let count: Int
    /// Who owns memory that isn't this buffer's own.
    private let owner: (AnyObject & Sendable)?

    /// Memory for `count` values.
    public init(count: Int) {
        self.count = count
        owner = nil
        let size = max(1, count * MemoryLayout<Element>.stride)
        // What takes many large pages is given those: a fault each 2 MiB, not each 4 KiB.
        let isLarge = size >= 1 << 24
        let alignment = isLarge ? 1 << 21 : 64
        let bytes = (size + alignment - 1) & ~(alignment - 1)
        guard let memory = aligned_alloc(alignment, bytes) else {
            fatalError("no memory for \(count) values")
        }
        if isLarge { _ = madvise(memory, bytes, MADV_HUGEPAGE) }
        values = memory.bindMemory(to: Element.self, capacity: count)
    }

    /// A copy of these values.
    public convenience init(_ source: some Collection<Element>) {
        self.init(count: source.count)
        for (index, value) in source.enumerated() { values[index] = value }
    }

    /// A view of memory that `owner` keeps, such as a mapped file: only to be read.
    public init(viewing values: UnsafePointer<Element>, count: Int, owner: AnyObject & Sendable) {
        self.values = UnsafeMutablePointer(mutating: values)
        self.count = count
        self.owner = owner
    }

    deinit {
        if owner == nil { free(values) }
    }

    /// The values, for code that isn't in a hurry.
    public var array: [Element] { Array(UnsafeBufferPointer(start: values, count: count)) }
}

extension Buffer where Element == Float {
    /// Zeroed memory for `count` values.
    public convenience init(zeros count: Int) {
        self.init(count: count)
        values.update(repeating: 0, count: count)
    }
}

/// Float32 memory of the engine.
public typealias FloatBuffer = Buffer<Float>
