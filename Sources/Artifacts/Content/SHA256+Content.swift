import Crypto

extension SHA256 {
    /// Adds the UTF-8 bytes of `text`.
    mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }

    /// Adds the length of `text` in bytes, as 8 bytes, and then its UTF-8 bytes.
    mutating func update(prefixed text: String) {
        update(elements: [UInt64(text.utf8.count).littleEndian])
        update(text)
    }

    /// Adds the bytes of `elements` in memory; all supported platforms are little-endian.
    mutating func update<Element: BitwiseCopyable>(elements: [Element]) {
        elements.withUnsafeBytes { update(bufferPointer: $0) }
    }
}

extension SHA256.Digest {
    /// The digest as 64 lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// SHA-256 of the UTF-8 bytes of `text`, as lower-case hexadecimal digits.
func sha256(_ text: String) -> String {
    var hash = SHA256()
    hash.update(text)
    return hash.finalize().hexadecimal
}

/// Whether `text` is a SHA-256 as this module writes it.
func isSHA256(_ text: String) -> Bool {
    text.utf8.count == 64
        && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
}
