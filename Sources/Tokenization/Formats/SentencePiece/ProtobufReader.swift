/// Reads the fields of a protobuf message one after the other. SentencePiece's model is three messages of
/// plain fields: generated code and a library for them would be larger than this.
struct ProtobufReader {
    /// A field's value, by its wire type.
    enum Value {
        /// Integers, Booleans, enumerations.
        case integer(UInt64)
        /// Texts, bytes, messages: a range of the bytes.
        case bytes(Range<Int>)
        /// float32.
        case float(Float)
        /// Something of eight bytes.
        case eightBytes
    }

    /// The message is cut off, or no message.
    struct Damage: Error {}

    let bytes: [UInt8]
    private var index: Int
    private let end: Int

    /// A reader of the message in `range` of `bytes`.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        index = range.lowerBound
        end = range.upperBound
    }

    /// The next field, `nil` at the end.
    mutating func next() throws(Damage) -> (field: Int, value: Value)? {
        guard index < end else { return nil }
        let key = try integer()
        let field = Int(truncatingIfNeeded: key >> 3)
        switch key & 7 {
        case 0: return (field, .integer(try integer()))
        case 1:
            _ = try take(8)
            return (field, .eightBytes)
        case 2: return (field, .bytes(try take(try integer())))
        case 5:
            let range = try take(4)
            let bits = bytes[range].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return (field, .float(Float(bitPattern: bits)))
        default: throw Damage()
        }
    }

    private mutating func take(_ count: UInt64) throws(Damage) -> Range<Int> {
        guard count <= UInt64(end - index) else { throw Damage() }
        defer { index += Int(count) }
        return index..<index + Int(count)
    }

    private mutating func integer() throws(Damage) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard index < end else { throw Damage() }
            let byte = bytes[index]
            index += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Damage()
    }
}
