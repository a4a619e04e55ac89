import Basics
import Synchronization
import Tokenization

/// A GGUF file's key-value pairs. Arrays, which a vocabulary makes long, are only read when asked for.
/// It remembers which keys were asked for, so that the others can be reported.
struct GGUFMetadata: Sendable {
    /// One value. Every integer fits `Int64` but the upper half of UInt64's, which no key needs.
    enum Value: Sendable {
        case integer(Int64)
        case double(Double)
        case bool(Bool)
        case string(String)
        /// Elements of `type`, from `offset` in the file on.
        case array(type: UInt32, count: Int, offset: Int)
    }

    private let file: MappedFile
    private var values: [String: Value] = [:]
    private let asked = AskedKeys()

    private final class AskedKeys: Sendable {
        let keys = Mutex<Set<String>>([])
    }

    /// The keys that begin with `prefix` and that nobody asked for, in order.
    func unaskedKeys(beginningWith prefix: String) -> [String] {
        let known = asked.keys.withLock { $0 }
        return values.keys.filter { $0.hasPrefix(prefix) && !known.contains($0) }.sorted()
    }

    private func value(_ key: String) -> Value? {
        _ = asked.keys.withLock { $0.insert(key) }
        return values[key]
    }

    /// Reads `count` pairs.
    init(file: MappedFile, count: UInt64, cursor: inout GGUFCursor) throws(Failure) {
        self.file = file
        for _ in 0..<count {
            let key = try cursor.string()
            let type: UInt32 = try cursor.integer()
            values[key] = try Self.value(of: type, key: key, cursor: &cursor)
        }
    }

    private static func value(
        of type: UInt32, key: String, cursor: inout GGUFCursor
    ) throws(Failure) -> Value {
        switch type {
        case 0: return .integer(Int64(try cursor.integer(UInt8.self)))
        case 1: return .integer(Int64(try cursor.integer(Int8.self)))
        case 2: return .integer(Int64(try cursor.integer(UInt16.self)))
        case 3: return .integer(Int64(try cursor.integer(Int16.self)))
        case 4: return .integer(Int64(try cursor.integer(UInt32.self)))
        case 5: return .integer(Int64(try cursor.integer(Int32.self)))
        case 6: return .double(Double(Float(bitPattern: try cursor.integer())))
        case 7: return .bool(try cursor.integer(UInt8.self) != 0)
        case 8: return .string(try cursor.string())
        case 10: return .integer(Int64(clamping: try cursor.integer(UInt64.self)))
        case 11: return .integer(try cursor.integer())
        case 12: return .double(Double(bitPattern: try cursor.integer()))
        case 9:
            let element: UInt32 = try cursor.integer()
            let count: UInt64 = try cursor.integer()
            let offset = cursor.offset
            if let size = fixedSizes[element] {
                let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
                _ = try cursor.skip(overflow ? .max : bytes)
            } else if element == 8 {
                for _ in 0..<count { _ = try cursor.stringRange() }
            } else {
                throw Failure(
                    .badData, "\(cursor.path): \(key) is an array of the unknown type \(element)")
            }
            return .array(type: element, count: Int(count), offset: offset)
        default:
            throw Failure(.badData, "\(cursor.path): \(key) has the unknown type \(type)")
        }
    }

    private static let fixedSizes: [UInt32: UInt64] = [
        0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8,
    ]

    func int(_ key: String, default absent: Int? = nil) throws(Failure) -> Int {
        switch self.value(key) {
        case .integer(let value): return Int(value)
        case nil: if let absent { return absent }
        default: break
        }
        throw wrong(key, "a whole number")
    }

    func float(_ key: String, default absent: Double? = nil) throws(Failure) -> Double {
        switch self.value(key) {
        case .double(let value) where value.isFinite: return value
        case .integer(let value): return Double(value)
        case nil: if let absent { return absent }
        default: break
        }
        throw wrong(key, "a number")
    }

    func string(_ key: String, default absent: String? = nil) throws(Failure) -> String {
        switch self.value(key) {
        case .string(let value): return value
        case nil: if let absent { return absent }
        default: break
        }
        throw wrong(key, "a string")
    }

    /// A Boolean, nil where there is none.
    func bool(_ key: String) throws(Failure) -> Bool? {
        switch self.value(key) {
        case .bool(let value): return value
        case nil: return nil
        default: throw wrong(key, "true or false")
        }
    }

    /// Whether the key is there.
    func has(_ key: String) -> Bool { values[key] != nil }

    /// The length of an array, nil where there is none.
    func count(_ key: String) -> Int? {
        if case .array(_, let count, _) = values[key] { count } else { nil }
    }

    /// An array of strings, packed; empty where there is none.
    func strings(_ key: String) throws(Failure) -> StringTable {
        var table = StringTable()
        guard let value = self.value(key) else { return table }
        guard case .array(8, let count, let offset) = value else {
            throw wrong(key, "a list of strings")
        }
        var cursor = GGUFCursor(path: file.path, bytes: file.bytes, offset: offset)
        // The file holds 8 bytes of length before each, so this asks for no more than its size.
        table.reserveCapacity(count, byteCount: 8 * count)
        for _ in 0..<count {
            table.append(UnsafeRawBufferPointer(rebasing: file.bytes[try cursor.stringRange()]))
        }
        return table
    }

    /// An array of 32-bit integers; empty where there is none.
    func integers(_ key: String) throws(Failure) -> [Int32] {
        try words(key, types: [4, 5], "a list of 32-bit integers").map(Int32.init(bitPattern:))
    }

    /// An array of 32-bit floating-point numbers; empty where there is none.
    func floats(_ key: String) throws(Failure) -> [Float] {
        try words(key, types: [6], "a list of float32 numbers").map(Float.init(bitPattern:))
    }

    /// The elements of an array of one of `types`, all of four bytes; empty where there is none.
    private func words(
        _ key: String, types: [UInt32], _ expected: String
    ) throws(Failure) -> [UInt32] {
        guard let value = self.value(key) else { return [] }
        guard case .array(let type, let count, let offset) = value, types.contains(type) else {
            throw wrong(key, expected)
        }
        // The header was read to its end, so all of them are there.
        return (0..<count).map {
            UInt32(
                littleEndian: file.bytes.loadUnaligned(
                    fromByteOffset: offset + 4 * $0, as: UInt32.self))
        }
    }

    /// An error about what the file asks for and this software doesn't do.
    func unsupported(_ what: String) -> Failure {
        Failure(.badData, "\(file.path): \(what) isn't supported")
    }

    private func wrong(_ key: String, _ expected: String) -> Failure {
        Failure(
            .badData,
            has(key) ? "\(file.path): \(key) isn't \(expected)" : "\(file.path): no \(key)")
    }
}
