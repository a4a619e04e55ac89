import Basics
import Glibc

/// A dataset's elements without a copy: in mapped pages of the file, which the system reads when they
/// are used, or in a file image.
package struct MappedArray<Element: HDF5Element>: RandomAccessCollection, Sendable {
    private let region: MappedRegion
    private nonisolated(unsafe) let base: UnsafePointer<Element>

    /// The number of elements.
    package let count: Int

    init(_ region: MappedRegion, base: UnsafePointer<Element>, count: Int) {
        self.region = region
        self.base = base
        self.count = count
    }

    /// 0
    package var startIndex: Int { 0 }

    /// `count`
    package var endIndex: Int { count }

    /// The element at `position` in row-major order.
    package subscript(position: Int) -> Element {
        precondition(position >= 0 && position < count, "index out of range")
        return base[position]
    }

    /// Calls `body` with the elements, which are valid during the call: for loops and kernels.
    package func withUnsafeBufferPointer<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(region) {} }
        return try body(UnsafeBufferPointer(start: base, count: count))
    }

    /// The elements, valid while this array or a copy of it exists.
    package var unsafeElements: UnsafeBufferPointer<Element> {
        UnsafeBufferPointer(start: base, count: count)
    }
}

/// The owner of a mapped array's memory: a mapping, or the file's image.
final class MappedRegion: @unchecked Sendable {
    private let image: FileImage?
    private let mapping: UnsafeMutableRawBufferPointer?

    init(image: FileImage?) {
        self.image = image
        mapping = nil
    }

    /// Maps `count` bytes at `offset` of `descriptor`, the file `name`; nil where the system can't.
    init?(
        descriptor: Int32, offset: Int, count: Int, name: String, start: inout UnsafeRawPointer?
    ) {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let lead = offset % page
        guard
            let base = mmap(
                nil, count + lead, PROT_READ, MAP_PRIVATE, descriptor, off_t(offset - lead)),
            base != MAP_FAILED
        else { return nil }
        image = nil
        mapping = UnsafeMutableRawBufferPointer(start: base, count: count + lead)
        start = UnsafeRawPointer(base + lead)
        MappedMemory.watch(UnsafeRawBufferPointer(start: base, count: count + lead), of: name)
    }

    deinit {
        guard let mapping else { return }
        MappedMemory.forget(UnsafeRawBufferPointer(mapping))
        munmap(mapping.baseAddress, mapping.count)
    }
}
