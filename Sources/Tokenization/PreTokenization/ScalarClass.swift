/// What kind of character a Unicode scalar is, as far as pre-tokenizer rules distinguish.
enum ScalarClass: UInt8, Sendable {
    /// White space: `\s`.
    case space
    /// A letter: `\p{L}`.
    case letter
    /// A number, in any script: `\p{N}`.
    case number
    /// Anything else, unassigned code points included.
    case other

    /// The newest Unicode version that the `tokenizers` library's regular expressions know (0.23);
    /// characters assigned later are neither letters nor numbers to it.
    private static let unicodeVersion = 16

    private static let ascii: [ScalarClass] = (0..<128).map { byte in
        switch UInt8(byte) {
        case 0x09...0x0D, 0x20: .space
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: .other
        }
    }

    /// The class of `scalar`.
    init(_ scalar: Unicode.Scalar) {
        if scalar.value < 128 {
            self = Self.ascii[Int(scalar.value)]
            return
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            self = Self.isKnown(scalar) ? .letter : .other
        case .decimalNumber, .letterNumber, .otherNumber:
            self = Self.isKnown(scalar) ? .number : .other
        default:
            self = scalar.properties.isWhitespace ? .space : .other
        }
    }

    private static func isKnown(_ scalar: Unicode.Scalar) -> Bool {
        // Looked up only beyond the planes' old, dense blocks: the property is slow to read.
        switch scalar.value {
        case 0..<0x870, 0x2E80..<0xA7C0, 0xAC00..<0xD7A4: return true
        default: break
        }
        return (scalar.properties.age?.major ?? .max) <= unicodeVersion
    }
}

extension Span where Element == UInt8 {
    /// The scalar whose UTF-8 starts at `index`, and where the next one starts. The bytes are
    /// valid UTF-8; a byte that begins no scalar counts as U+FFFD.
    func scalar(at index: Int) -> (scalar: Unicode.Scalar, end: Int) {
        let first = UInt32(self[index])
        if first < 0x80 { return (Unicode.Scalar(UInt8(first)), index + 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC0, index + length <= count else { return ("\u{FFFD}", index + 1) }
        var value = first & (0x7F >> UInt32(length))
        for offset in 1..<length { value = value << 6 | UInt32(self[index + offset]) & 0x3F }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", index + length)
    }

    /// The class of the scalar at `index`, and where the next one starts.
    func scalarClass(at index: Int) -> (kind: ScalarClass, end: Int) {
        let (scalar, end) = scalar(at: index)
        return (ScalarClass(scalar), end)
    }

    /// Where the run of scalars of class `kind` that starts at `index` ends.
    func endOfRun(_ kind: ScalarClass, from index: Int, limit: Int) -> Int {
        var index = index
        while index < limit {
            let next = scalarClass(at: index)
            if next.kind != kind { break }
            index = next.end
        }
        return index
    }
}
