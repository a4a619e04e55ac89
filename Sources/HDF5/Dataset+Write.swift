import Basics
import CHDF5

extension Dataset {
    /// Writes all elements, in row-major order. Their type must be the stored one.
    package borrowing func write<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
        try writeArray(values, start: nil, shape: nil)
    }

    /// Writes the elements of `rows` of the first axis.
    package borrowing func write<Element: HDF5Element>(
        _ values: [Element], rows: Range<Int>
    ) throws(HDF5Error) {
        let box = try Selection.rows(rows, of: self, operation: "write")
        try writeArray(values, start: box.start, shape: box.shape)
    }

    /// Writes the elements of the box that begins at `start` and has `shape`.
    package borrowing func write<Element: HDF5Element>(
        _ values: [Element], start: [Int], shape: [Int]
    ) throws(HDF5Error) {
        try writeArray(values, start: start, shape: shape)
    }

    /// Writes all elements, or `rows` of the first axis, from `buffer`.
    package borrowing func write<Element: HDF5Element>(
        _ buffer: UnsafeBufferPointer<Element>, rows: Range<Int>? = nil
    ) throws(HDF5Error) {
        var start: [Int]?
        var shape: [Int]?
        if let rows {
            let box = try Selection.rows(rows, of: self, operation: "write")
            (start, shape) = (box.start, box.shape)
        }
        try writeRaw(
            UnsafeRawBufferPointer(buffer), type: Element.elementType, start: start, shape: shape)
    }

    /// Writes all elements of a dataset of truth values.
    package borrowing func writeBools(_ values: [Bool]) throws(HDF5Error) {
        let bytes = values.map { $0 ? UInt8(1) : 0 }
        try withBytes(of: bytes) { bytes throws(HDF5Error) in
            try writeRaw(bytes, type: .bool, start: nil, shape: nil)
        }
    }

    /// Adds `values` at the end of an extendable dataset, as whole rows of its first axis.
    package mutating func append<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
        let rows = try extend(by: values.count)
        try write(values, rows: rows)
    }

    /// Adds the elements of `buffer` at the end of an extendable dataset, as whole rows.
    package mutating func append<Element: HDF5Element>(
        _ buffer: UnsafeBufferPointer<Element>
    ) throws(HDF5Error) {
        let rows = try extend(by: buffer.count)
        try write(buffer, rows: rows)
    }
}

extension Dataset {
    /// Extends the first axis by `count` elements.
    ///
    /// - Returns: The new rows.
    mutating func extend(by count: Int) throws(HDF5Error) -> Range<Int> {
        Library.lock()
        defer { Library.unlock() }
        guard layout.isExtendable else {
            throw location.failure("append", .usage, "it isn't extendable")
        }
        let rowSize = shape.dropFirst().reduce(1, *)
        guard rowSize > 0, count % rowSize == 0 else {
            throw location.failure(
                "append", .usage, "\(count) elements aren't rows of \(rowSize)")
        }
        let (end, overflow) = shape[0].addingReportingOverflow(count / rowSize)
        guard !overflow else { throw location.failure("append", .usage, "too many rows") }
        var sizes = shape.map { hsize_t($0) }
        sizes[0] = hsize_t(end)
        try location.check(H5Dset_extent(identifier.id, sizes), "append", .io)
        defer { shape[0] = end }
        return shape[0]..<end
    }

    private borrowing func writeArray<Element: HDF5Element>(
        _ values: [Element], start: [Int]?, shape: [Int]?
    ) throws(HDF5Error) {
        try withBytes(of: values) { bytes throws(HDF5Error) in
            try writeRaw(bytes, type: Element.elementType, start: start, shape: shape)
        }
    }

    /// Writes `bytes`, elements of `type`, to a box.
    private borrowing func writeRaw(
        _ bytes: UnsafeRawBufferPointer, type: ElementType, start: [Int]?, shape: [Int]?
    ) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        guard type == elementType else {
            throw location.failure("write", .usage, "its type is \(elementType), not \(type)")
        }
        let selection = try Selection(of: self, start: start, shape: shape, operation: "write")
        guard bytes.count == selection.count * type.size else {
            throw location.failure(
                "write", .usage,
                "\(bytes.count / type.size) elements were given for \(selection.count)")
        }
        guard selection.count > 0 else { return }
        let memoryType = try type.makeLibraryType(at: location)
        try location.check(
            H5Dwrite(
                identifier.id, memoryType.id, selection.memorySpace.id, selection.fileSpace.id,
                CHDF5_DEFAULT(), bytes.baseAddress), "write", .io)
    }
}

/// Calls `body` with the bytes of `values`. Unlike `Array.withUnsafeBytes`, it keeps the error's type.
func withBytes<Element: BitwiseCopyable>(
    of values: [Element], _ body: (UnsafeRawBufferPointer) throws(HDF5Error) -> Void
) throws(HDF5Error) {
    var failure: HDF5Error?
    values.withUnsafeBytes { bytes in
        do throws(HDF5Error) {
            try body(bytes)
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
}
