// Debian's Oniguruma (6.9.8) is older than that of the `tokenizers` library (6.9.10). What follows makes
// it find the same; with a newer one it changes nothing.

extension RegularExpression {
    /// `source` with `[:punct:]` written out: the newer version counts symbols among it.
    static func withSymbolsInPunctuation(_ source: String) -> String {
        let bytes = Array(source.utf8)
        var result: [UInt8] = []
        var depth = 0  // of brackets
        var index = 0
        /// Replaces `old`, if it stands here, by `new`.
        func replaces(_ old: String, _ new: String) -> Bool {
            guard bytes[index...].starts(with: old.utf8) else { return false }
            result += new.utf8
            index += old.utf8.count
            return true
        }
        while index < bytes.count {
            let isInClass = depth > 0
            if replaces(#"\p{PosixPunct}"#, #"[\p{P}\p{S}]"#)
                || isInClass && replaces("[:punct:]", #"\p{P}\p{S}"#)
                || isInClass && replaces("[:^punct:]", #"[^\p{P}\p{S}]"#)
            {
                continue
            }
            let length = bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count ? 2 : 1
            if length == 1, bytes[index] == UInt8(ascii: "[") { depth += 1 }
            if length == 1, bytes[index] == UInt8(ascii: "]"), isInClass { depth -= 1 }
            result += bytes[index..<index + length]
            index += length
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension Span where Element == UInt8 {
    /// These bytes, UTF-8, with every character that the older version (Unicode 14) doesn't know and the
    /// newer one (Unicode 16) does as one of the same general category and length that both know.
    func knownToOniguruma() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        var index = 0
        while index < count {
            // Newer characters all have three bytes or more.
            guard self[index] >= 0xE0 else {
                index += 1
                continue
            }
            let (scalar, end) = scalar(at: index)
            if let older = scalar.olderOfSameCategory {
                bytes.replaceSubrange(index..<end, with: String(older).utf8)
            }
            index = end
        }
        return bytes
    }
}

extension Unicode.Scalar {
    /// For a character new in Unicode 15 or 16, an older one of its general category and as many bytes
    /// of UTF-8; `nil` for others.
    fileprivate var olderOfSameCategory: Unicode.Scalar? {
        switch value {
        // Looked up only outside the old, dense blocks: the property is slow to read.
        case 0..<0x870, 0x3400..<0xA7C0, 0xAC00..<0xD7A4, 0x20000..<0x2A6E0: return nil
        default: break
        }
        guard let age = properties.age, (15...16).contains(age.major) else { return nil }
        let isShort = value < 0x10000
        return switch properties.generalCategory {
        case .uppercaseLetter: isShort ? "\u{1E00}" : "\u{10400}"
        case .lowercaseLetter: isShort ? "\u{1E01}" : "\u{10428}"
        case .modifierLetter: isShort ? "\u{AA70}" : "\u{16B40}"
        case .otherLetter:
            isShort ? "\u{E01}" : properties.isIdeographic ? "\u{20000}" : "\u{10280}"
        case .nonspacingMark: isShort ? "\u{E31}" : "\u{101FD}"
        case .spacingMark: isShort ? "\u{903}" : "\u{11000}"
        case .decimalNumber: isShort ? "\u{966}" : "\u{104A0}"
        case .letterNumber: isShort ? "\u{3021}" : "\u{10140}"
        case .otherNumber: isShort ? "\u{2080}" : "\u{10107}"
        case .dashPunctuation: isShort ? "\u{2010}" : "\u{10EAD}"
        case .otherPunctuation: isShort ? "\u{2020}" : "\u{10100}"
        case .mathSymbol: isShort ? "\u{2200}" : "\u{1D6C1}"
        case .currencySymbol: isShort ? "\u{20A0}" : "\u{1E2FF}"
        case .modifierSymbol: isShort ? "\u{1FBD}" : "\u{1F3FB}"
        case .otherSymbol: isShort ? "\u{2100}" : "\u{1F300}"
        case .format: isShort ? "\u{200B}" : "\u{110BD}"
        default: nil
        }
    }
}
