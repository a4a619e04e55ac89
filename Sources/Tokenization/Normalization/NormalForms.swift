import Foundation

/// One of Unicode's normal forms.
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
        let string = String(decoding: text, as: UTF8.self)
        let normalized =
            switch self {
            case .c: string.precomposedStringWithCanonicalMapping
            case .d: string.decomposedStringWithCanonicalMapping
            case .kc: string.precomposedStringWithCompatibilityMapping
            case .kd: string.decomposedStringWithCompatibilityMapping
            }
        return Array(normalized.utf8)
    }
}
