package import Basics

/// One file in the safetensors format: 8 bytes of header length, a JSON header, then the data.
///
/// The format is that of github.com/huggingface/safetensors; a file that breaks its rules (a header
/// over 100 MB, overlapping tensors, bytes that don't match a shape) is refused.
package struct Safetensors: TensorFile {
    /// Every tensor by name, numbers not yet read.
    package let catalog: TensorCatalog

    /// Reads the header of the file at `path`, and maps the rest.
    package init(path: String) throws(Failure) {
        let file = try MappedFile(path: path)
        let bytes = file.bytes
        func bad(_ what: String) -> Failure {
            Failure(.badData, "\(path): not a sound safetensors file: \(what)")
        }
        guard bytes.count >= 8 else { throw bad("shorter than its 8 bytes of header length") }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= 100_000_000, length <= UInt64(bytes.count - 8) else {
            throw bad("its header would be \(length) bytes long, of a file of \(bytes.count)")
        }
        let dataStart = 8 + Int(length)
        let header = try file.decodeJSON(Header.self, of: 8..<dataStart, what: "the header")

        var tensors: [String: StoredTensor] = [:]
        for (name, entry) in header.entries {
            guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0,
                entry.data_offsets[0] <= entry.data_offsets[1],
                entry.data_offsets[1] <= bytes.count - dataStart
            else { throw bad("tensor \(name) lies outside the data") }
            let range = entry.data_offsets[0] + dataStart..<entry.data_offsets[1] + dataStart
            guard let count = entry.shape.checkedProduct() else {
                throw bad("tensor \(name) has the shape \(entry.shape)")
            }
            let type = Self.types[entry.dtype]
            if let type, type.byteCount(of: count) != range.count {
                throw bad(
                    "tensor \(name) of shape \(entry.shape) in \(entry.dtype) has \(range.count) bytes"
                )
            }
            tensors[name] = StoredTensor(
                name: name, shape: entry.shape, type: type, typeName: entry.dtype,
                bytes: UnsafeRawBufferPointer(rebasing: bytes[range]), file: file)
        }
        var end = 0
        for (name, entry) in header.entries.sorted(by: { $0.1.isBefore($1.1) }) {
            guard entry.data_offsets[0] >= end else { throw bad("tensor \(name) overlaps another") }
            end = entry.data_offsets[1]
        }
        catalog = TensorCatalog(path: path, tensors: tensors)
    }

    /// The kinds of number by the format's names.
    static let types: [String: NumberType] = ["F32": .f32, "F16": .f16, "BF16": .bf16]

    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        // The format's own spelling, so that Decodable finds it.
        var data_offsets: [Int]

        /// Empty tensors come before the one that starts where they lie.
        func isBefore(_ other: Entry) -> Bool {
            (data_offsets[0], data_offsets[1]) < (other.data_offsets[0], other.data_offsets[1])
        }
    }

    private struct Header: Decodable {
        /// By name, so that a file with several faults is always refused for the same one.
        var entries: [(String, Entry)] = []

        private struct Name: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for key in container.allKeys where key.stringValue != "__metadata__" {
                entries.append((key.stringValue, try container.decode(Entry.self, forKey: key)))
            }
            entries.sort { $0.0 < $1.0 }
        }
    }
}
