/// Writes a GGUF file, version 3, of texts, numbers and float32 vectors, byte for byte as the `gguf`
/// package does.
struct GGUFWriter {
    private var pairs: [UInt8] = []
    private var pairCount: UInt64 = 0
    private var headers: [UInt8] = []
    private var tensorCount: UInt64 = 0
    private var data: [UInt8] = []
    private static let alignment = 32

    /// Adds a text to the metadata.
    mutating func add(_ key: String, _ text: String) {
        append(key: key, type: 8)
        Self.append(text, to: &pairs)
    }

    /// Adds a number to the metadata.
    mutating func add(_ key: String, _ number: UInt32) {
        append(key: key, type: 4)
        Self.append(number, to: &pairs)
    }

    /// Adds a vector.
    mutating func add(tensor name: String, _ values: [Float]) {
        tensorCount += 1
        Self.append(name, to: &headers)
        Self.append(UInt32(1), to: &headers)
        Self.append(UInt64(values.count), to: &headers)
        Self.append(UInt32(0), to: &headers)  // float32
        Self.append(UInt64(data.count), to: &headers)
        for value in values { Self.append(value.bitPattern, to: &data) }
        Self.pad(&data)
    }

    /// The whole file.
    var bytes: [UInt8] {
        var file = Array("GGUF".utf8)
        Self.append(UInt32(3), to: &file)
        Self.append(tensorCount, to: &file)
        Self.append(pairCount, to: &file)
        file += pairs + headers
        Self.pad(&file)
        return file + data
    }

    private mutating func append(key: String, type: UInt32) {
        pairCount += 1
        Self.append(key, to: &pairs)
        Self.append(type, to: &pairs)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &bytes)
        bytes += text.utf8
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func pad(_ bytes: inout [UInt8]) {
        bytes += Array(repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }
}
