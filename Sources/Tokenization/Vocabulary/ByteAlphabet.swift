/// The alphabet in which byte-level BPE writes bytes as printable characters.
///
/// GPT-2's vocabulary files hold text, yet tokens are bytes; so each of the 256 bytes has a
/// printable character of its own: itself where it is printable in Latin-1, and U+0100 onward for
/// the others (a space is `Ġ`).
enum ByteAlphabet {
    /// The scalar that stands for each byte.
    static let scalars: [UInt16] = {
        var scalars = [UInt16](repeating: 0, count: 256)
        var next: UInt16 = 0x100
        for byte in 0..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                scalars[byte] = UInt16(byte)
            default:
                scalars[byte] = next
                next += 1
            }
        }
        return scalars
    }()

    /// The byte that each scalar below U+0144 stands for; -1 where none does.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
        return bytes
    }()

    /// Appends the bytes that `token` stands for to `output`.
    ///
    /// A token with a character outside the alphabet is not written in it (a special token, say):
    /// its own UTF-8 is appended, as the `tokenizers` library's decoder does.
    static func decode(_ token: ArraySlice<UInt8>, into output: inout [UInt8]) {
        let start = output.count
        var index = token.startIndex
        while index < token.endIndex {
            let first = token[index]
            var scalar = Int(first)
            if first >= 0x80 {
                // The alphabet ends at U+0143: two UTF-8 bytes, starting with C2 to C5.
                guard (0xC2...0xC5).contains(first), index + 1 < token.endIndex else {
                    scalar = bytes.count
                    break
                }
                index += 1
                scalar = (Int(first) & 0x1F) << 6 | (Int(token[index]) & 0x3F)
            }
            guard scalar < bytes.count, bytes[scalar] >= 0 else { break }
            output.append(UInt8(bytes[scalar]))
            index += 1
        }
        if index < token.endIndex {
            output.removeSubrange(start...)
            output.append(contentsOf: token)
        }
    }
}
