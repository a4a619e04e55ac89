extension TokenIndex {
    /// The token of each single byte; -1 where there is none.
    var byteTokens: [Int32] { (0..<256).map { id(of: [UInt8($0)]) ?? -1 } }

    /// The token that names each byte (`<0x00>` to `<0xFF>`), -1 where there is none; empty where
    /// no byte has one.
    var namedByteTokens: [Int32] {
        let digits = Array("0123456789ABCDEF".utf8)
        let tokens = (0..<256).map { byte in
            id(of: "<0x".utf8 + [digits[byte >> 4], digits[byte & 15], UInt8(ascii: ">")]) ?? -1
        }
        return tokens.allSatisfy { $0 < 0 } ? [] : tokens
    }
}
