import Basics
import CHDF5
import Glibc

/// Memory for the texts that the library reads, with a limit on their total size: a small file can
/// refer to the same long text any number of times.
final class TextArena {
    private var remaining: Int
    private var allocations: [UnsafeMutableRawPointer] = []

    init(budget: Int) {
        remaining = budget
    }

    /// Transfer properties that make the library allocate here. They don't retain this object.
    func makeTransferProperties(at location: Location) throws(HDF5Error) -> Identifier {
        let list = Identifier(
            try location.check(H5Pcreate(CHDF5_DATASET_TRANSFER()), "read", .internalError),
            close: H5Pclose)
        let context = Unmanaged.passUnretained(self).toOpaque()
        try location.check(
            H5Pset_vlen_mem_manager(
                list.id,
                { size, context in
                    guard let context else { return nil }
                    return Unmanaged<TextArena>.fromOpaque(context).takeUnretainedValue()
                        .allocate(size)
                }, context,
                // All memory is released together, also after an error.
                { _, _ in }, context), "read", .internalError)
        return list
    }

    private func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        // One byte more than stored, for the NUL at its end.
        guard size > 0, size - 1 <= remaining, let memory = malloc(size) else { return nil }
        remaining -= size - 1
        allocations.append(memory)
        return memory
    }

    func releaseAll() {
        for memory in allocations { free(memory) }
        allocations.removeAll(keepingCapacity: true)
    }

    deinit {
        releaseAll()
    }
}

/// Texts as the library expects them: pointers to NUL-terminated UTF-8.
struct EncodedTexts {
    private var bytes: [CChar] = []
    private var offsets: [Int] = []

    init(_ texts: [String], at location: Location) throws(HDF5Error) {
        bytes.reserveCapacity(texts.reduce(0) { $0 + $1.utf8.count + 1 })
        for text in texts {
            try checkText(text, at: location)
            offsets.append(bytes.count)
            for byte in text.utf8 { bytes.append(CChar(bitPattern: byte)) }
            bytes.append(0)
        }
    }

    /// Calls `body` with a pointer to each text, valid during the call.
    func withPointers(
        _ body: (UnsafeRawPointer?) throws(HDF5Error) -> Void
    ) throws(HDF5Error) {
        let offsets = offsets
        try withBytes(of: bytes) { bytes throws(HDF5Error) in
            let pointers = offsets.map { offset in bytes.baseAddress.map { $0 + offset } }
            try withBytes(of: pointers) { pointers throws(HDF5Error) in
                try body(pointers.baseAddress)
            }
        }
    }
}

/// Refuses a text with a NUL, at which the library would cut it.
func checkText(_ text: String, at location: Location) throws(HDF5Error) {
    guard !text.utf8.contains(0) else {
        throw location.failure("write", .usage, "a text contains a NUL")
    }
}

/// A fixed string without its padding of NULs or spaces.
func fixedText(
    _ bytes: ArraySlice<UInt8>, _ operation: String, at location: Location
) throws(HDF5Error) -> String {
    var end = bytes.firstIndex(of: 0) ?? bytes.endIndex
    while end > bytes.startIndex, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    guard let text = String(validating: bytes[bytes.startIndex..<end], as: UTF8.self) else {
        throw location.failure(operation, .badData, "a text in it isn't UTF-8")
    }
    return text
}
