/// The syntax of JSON: members, elements, strings and numbers.
extension JSONTables {
    mutating func forEachMember(
        _ body: (inout JSONTables, [UInt8]) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        try forEachItem(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) {
            (reader) throws(SyntaxError) in
            let key = try reader.readString()
            try reader.expect(UInt8(ascii: ":"))
            _ = reader.peek()
            try body(&reader, key)
        }
    }

    mutating func forEachElement(
        _ body: (inout JSONTables) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        try forEachItem(from: UInt8(ascii: "["), to: UInt8(ascii: "]"), body)
    }

    mutating func forEachItem(
        from open: UInt8, to close: UInt8, _ body: (inout JSONTables) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        try expect(open)
        if peek() == close {
            index += 1
            return
        }
        while true {
            _ = peek()
            try body(&self)
            if peek() == UInt8(ascii: ",") {
                index += 1
            } else {
                return try expect(close)
            }
        }
    }

    /// The next byte that isn't white space; 0 at the end.
    mutating func peek() -> UInt8 {
        while index < source.count {
            switch source[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return source[index]
            }
        }
        return 0
    }

    mutating func expect(_ byte: UInt8) throws(SyntaxError) {
        guard peek() == byte else { throw expected("`\(Unicode.Scalar(byte))`") }
        index += 1
    }

    func expected(_ what: String) -> SyntaxError {
        SyntaxError(description: "expected \(what) at byte \(index)")
    }

    /// Passes over a value; Foundation's decoder, which reads it again, checks it.
    mutating func skipValue() throws(SyntaxError) {
        var depth = 0
        repeat {
            switch peek() {
            case UInt8(ascii: "\""):
                _ = try readString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { throw expected("a value") }
                index += 1
            case 0:
                throw expected("a value")
            default:
                while index < source.count, !",:]}\" \t\r\n".utf8.contains(source[index]) {
                    index += 1
                }
            }
        } while depth > 0
        if depth < 0 { throw expected("a value") }
    }

    mutating func readID() throws(SyntaxError) -> Int32 {
        _ = peek()
        var value: Int32 = 0
        let start = index
        while index < source.count, case let digit = source[index] &- UInt8(ascii: "0"), digit < 10
        {
            // Nine digits: no vocabulary is larger, and no product overflows.
            if index - start >= 9 { throw expected("a token id") }
            value = value * 10 + Int32(digit)
            index += 1
        }
        if index == start { throw expected("a token id") }
        return value
    }

    mutating func readNumber() throws(SyntaxError) -> Double {
        _ = peek()
        let start = index
        while index < source.count, "+-.0123456789eE".utf8.contains(source[index]) { index += 1 }
        guard let number = Double(String(decoding: source[start..<index], as: UTF8.self)) else {
            throw expected("a number")
        }
        return number
    }

    mutating func readString() throws(SyntaxError) -> [UInt8] {
        try expect(UInt8(ascii: "\""))
        let start = index
        while index < source.count, source[index] != UInt8(ascii: "\""),
            source[index] != UInt8(ascii: "\\")
        {
            index += 1
        }
        var string = Array(source[start..<index])
        while index < source.count, source[index] != UInt8(ascii: "\"") {
            if source[index] == UInt8(ascii: "\\") {
                index += 1
                string.append(contentsOf: Array(String(try readEscape()).utf8))
            } else {
                string.append(source[index])
                index += 1
            }
        }
        try expect(UInt8(ascii: "\""))
        return string
    }

    mutating func readEscape() throws(SyntaxError) -> Unicode.Scalar {
        guard index < source.count else { throw expected("an escape") }
        index += 1
        switch source[index - 1] {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "u"): break
        default: throw expected("an escape")
        }
        var unit = try readHexadecimal()
        if (0xD800..<0xDC00).contains(unit), index + 1 < source.count,
            source[index] == UInt8(ascii: "\\"), source[index + 1] == UInt8(ascii: "u")
        {
            index += 2
            let low = try readHexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw expected("a low surrogate") }
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(unit) else { throw expected("a character") }
        return scalar
    }

    mutating func readHexadecimal() throws(SyntaxError) -> UInt32 {
        guard index + 4 <= source.count,
            let value = UInt32(
                String(decoding: source[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw expected("four hexadecimal digits") }
        index += 4
        return value
    }
}
