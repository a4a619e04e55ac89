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
        let bytes = max(64, (count * MemoryLayout<Element>.stride + 63) & ~63)
        guard let memory = aligned_alloc(64, bytes) else {
            fatalError("no memory for \(count) values")
        }
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
