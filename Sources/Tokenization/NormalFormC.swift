import Foundation

/// `text`, UTF-8, in Unicode's normal form C.
func normalFormC(_ text: [UInt8]) -> [UInt8] {
    Array(String(decoding: text, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
}
