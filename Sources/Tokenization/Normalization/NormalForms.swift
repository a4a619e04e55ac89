import Foundation

/// One of Unicode's normal forms, as the `tokenizers` library makes it: of the characters of Unicode 9.
enum NormalForm: String, Sendable {
    /// Canonical decomposition, then composition.
    case c = "NFC"
    /// Canonical decomposition.
    case d = "NFD"
    /// Compatibility decomposition, then composition.
    case kc = "NFKC"
    /// Compatibility decomposition.
    case kd = "NFKD"

    /// `text`, UTF-8, in this form.
    func normalized(_ text: [UInt8]) -> [UInt8] {
        // Everything before U+0300 is in form C already, ASCII in every form; so is most text.
        let first: UInt8 = self == .c ? 0xCC : 0x80
        guard text.contains(where: { $0 >= first }) else { return text }
        // Newer characters stay where and as they are.
        return Self.mapping(
            String(decoding: text, as: UTF8.self), keeping: \.isNewerThanUnicode9, ofRuns)
    }

    private func ofRuns(_ text: String) -> String {
        switch self {
        case .c: Self.composed(text.decomposedStringWithCanonicalMapping)
        case .d: text.decomposedStringWithCanonicalMapping
        case .kc: Self.composed(text.decomposedStringWithCompatibilityMapping)
        case .kd: text.decomposedStringWithCompatibilityMapping
        }
    }

    /// `text`, decomposed, composed by Foundation, which takes a character beyond U+FFFF for that of its
    /// lower 16 bits (U+E0041 for A) when it looks for composites: so those that are part of none are
    /// kept apart.
    private static func composed(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isBeyondComposites) else {
            return text.precomposedStringWithCanonicalMapping
        }
        let runs = mapping(
            text, keeping: \.isBeyondComposites, \.precomposedStringWithCanonicalMapping)
        return String(decoding: runs, as: UTF8.self)
    }

    /// The UTF-8 of `text`, with what lies between the characters that `isKept` accepts mapped.
    private static func mapping(
        _ text: String, keeping isKept: (Unicode.Scalar) -> Bool, _ map: (String) -> String
    ) -> [UInt8] {
        var result: [UInt8] = []
        var run = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isKept(scalar) {
                if !run.isEmpty { result += map(String(run)).utf8 }
                run.removeAll()
                result += String(scalar).utf8
            } else {
                run.append(scalar)
            }
        }
        if !run.isEmpty { result += map(String(run)).utf8 }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var isNewerThanUnicode9: Bool {
        switch value {
        // Looked up only outside old, dense blocks: the property is slow to read.
        case 0..<0x52F, 0x1E00..<0x2000, 0x3041..<0x3097, 0x4E00..<0x9FD6, 0xAC00..<0xD7A4:
            return false
        default: return (properties.age?.major ?? .max) > 9
        }
    }

    /// Whether this lies beyond U+FFFF and outside the scripts there that have composites.
    fileprivate var isBeyondComposites: Bool {
        value >= 0x10000 && !(0x11000..<0x12000).contains(value)
    }
}
