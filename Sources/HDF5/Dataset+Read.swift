import Basics
import CHDF5

extension Dataset {
    /// All elements, in row-major order.
    ///
    /// A narrower stored type is widened if that is exact; any other type is an error.
    package borrowing func read<Element: HDF5Element>(
        as type: Element.Type = Element.self
    ) throws(HDF5Error) -> [Element] {
        try readArray(count: count) { buffer throws(HDF5Error) in
            try transfer(into: buffer, start: nil, shape: nil)
        }
    }

    /// The elements of `rows` of the first axis, in row-major order.
    package borrowing func read<Element: HDF5Element>(
        as type: Element.Type = Element.self, rows: Range<Int>
    ) throws(HDF5Error) -> [Element] {
        let box = try Selection.rows(rows, of: self, operation: "read")
        return try read(start: box.start, shape: box.shape)
    }

    /// The elements of the box that begins at `start` and has `shape`, in row-major order.
    package borrowing func read<Element: HDF5Element>(
        as type: Element.Type = Element.self, start: [Int], shape: [Int]
    ) throws(HDF5Error) -> [Element] {
        try checkBox(start: start, shape: shape, operation: "read")
        return try readArray(count: shape.reduce(1, *)) { buffer throws(HDF5Error) in
            try transfer(into: buffer, start: start, shape: shape)
        }
    }

    /// Reads all elements, or `rows` of the first axis, into `buffer`, which has exactly their size.
    package borrowing func read<Element: HDF5Element>(
        into buffer: UnsafeMutableBufferPointer<Element>, rows: Range<Int>? = nil
    ) throws(HDF5Error) {
        if let rows {
            let box = try Selection.rows(rows, of: self, operation: "read")
            try transfer(into: buffer, start: box.start, shape: box.shape)
        } else {
            try transfer(into: buffer, start: nil, shape: nil)
        }
    }

    /// All elements of a dataset of truth values.
    package borrowing func readBools() throws(HDF5Error) -> [Bool] {
        guard elementType == .bool else { throw mismatch(.bool) }
        let bytes: [UInt8] = try readArray(count: count) { buffer throws(HDF5Error) in
            try transferRaw(
                into: UnsafeMutableRawBufferPointer(buffer), type: .bool, start: nil, shape: nil)
        }
        // A Swift Bool whose byte is neither 0 nor 1 would be undefined behaviour.
        return bytes.map { $0 != 0 }
    }
}

extension Dataset {
    private borrowing func readArray<Element: HDF5Element>(
        count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(HDF5Error) -> Void
    ) throws(HDF5Error) -> [Element] {
        var failure: HDF5Error?
        let result = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(HDF5Error) {
                try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return result
    }

    private borrowing func transfer<Element: HDF5Element>(
        into buffer: UnsafeMutableBufferPointer<Element>, start: [Int]?, shape: [Int]?
    ) throws(HDF5Error) {
        guard elementType.widens(to: Element.elementType) else {
            throw mismatch(Element.elementType)
        }
        #if !(os(macOS) && arch(x86_64))
            if elementType == .float16, Element.self == Float.self {
                return try transferHalves(
                    into: UnsafeMutableRawBufferPointer(buffer).bindMemory(to: Float.self),
                    start: start, shape: shape)
            }
        #endif
        try transferRaw(
            into: UnsafeMutableRawBufferPointer(buffer), type: Element.elementType, start: start,
            shape: shape)
    }

    #if !(os(macOS) && arch(x86_64))
        /// The library converts float16 bit by bit, which takes ten times as long.
        private borrowing func transferHalves(
            into buffer: UnsafeMutableBufferPointer<Float>, start: [Int]?, shape: [Int]?
        ) throws(HDF5Error) {
            let halves: [Float16] = try readArray(count: buffer.count) {
                half throws(HDF5Error) in
                try transferRaw(
                    into: UnsafeMutableRawBufferPointer(half), type: .float16, start: start,
                    shape: shape)
            }
            for index in halves.indices { buffer[index] = Float(halves[index]) }
        }
    #endif

    /// Reads a box as `type` into `buffer`, whose size must be that of its elements.
    borrowing func transferRaw(
        into buffer: UnsafeMutableRawBufferPointer, type: ElementType, start: [Int]?, shape: [Int]?
    ) throws(HDF5Error) {
        Library.lock()
        defer { Library.unlock() }
        let selection = try Selection(of: self, start: start, shape: shape, operation: "read")
        guard buffer.count == selection.count * type.size else {
            throw location.failure(
                "read", .usage,
                "the buffer has \(buffer.count) bytes for \(selection.count) \(type)")
        }
        guard selection.count > 0 else { return }
        let memoryType = try type.makeLibraryType(at: location)
        try location.check(
            H5Dread(
                identifier.id, memoryType.id, selection.memorySpace.id, selection.fileSpace.id,
                CHDF5_DEFAULT(), buffer.baseAddress), "read")
    }

    /// Checks a box before memory is allocated for it.
    borrowing func checkBox(
        start: [Int], shape: [Int], operation: String
    ) throws(HDF5Error) {
        _ = try Selection(of: self, start: start, shape: shape, operation: operation)
    }

    borrowing func mismatch(_ wanted: ElementType) -> HDF5Error {
        location.failure("read", .badData, "its type is \(elementType), not \(wanted)")
    }
}
