/// The two large tables of a `tokenizer.json`, read straight from its bytes, and the rest of it.
///
/// Vocabulary and merges are nine tenths of the file; a general JSON decoder spends 0.1 s on
/// 49,152 tokens, every time a tool starts. So only they are read here, byte by byte, and
/// ``skeleton`` (the same document with both tables empty) is left to Foundation.
struct JSONTables {
    /// The tokens of `model.vocab`, in the order of the file.
    private(set) var tokens = StringTable()
    /// The id of each token.
    private(set) var ids: [Int32] = []
    /// The score of each token of a unigram model; empty for others.
    private(set) var scores: [Double] = []
    /// The merges of `model.merges`: the left and the right token of each, one after the other.
    private(set) var merges = StringTable()
    /// The document with both tables left empty.
    private(set) var skeleton: [UInt8] = []

    let source: [UInt8]
    /// The byte that is read next.
    var index = 0
    private var copied = 0

    /// Why the text is no such document.
    struct SyntaxError: Error {
        /// What was expected, and at which byte.
        var description: String
    }

    /// Reads `source`, the text of a `tokenizer.json`.
    init(_ source: [UInt8]) throws(SyntaxError) {
        self.source = source
        try forEachMember { (reader, key) throws(SyntaxError) in
            guard key == Array("model".utf8), reader.peek() == UInt8(ascii: "{") else {
                return try reader.skipValue()
            }
            try reader.forEachMember { (reader, key) throws(SyntaxError) in
                if key == Array("vocab".utf8), reader.peek() == UInt8(ascii: "{") {
                    try reader.replaceValue(with: "{}") { (reader) throws(SyntaxError) in
                        try reader.readVocabulary()
                    }
                } else if key == Array("vocab".utf8), reader.peek() == UInt8(ascii: "[") {
                    try reader.replaceValue(with: "[]") { (reader) throws(SyntaxError) in
                        try reader.readScoredVocabulary()
                    }
                } else if key == Array("merges".utf8), reader.peek() == UInt8(ascii: "[") {
                    try reader.replaceValue(with: "[]") { (reader) throws(SyntaxError) in
                        try reader.readMerges()
                    }
                } else {
                    try reader.skipValue()
                }
            }
        }
        skeleton.append(contentsOf: source[copied...])
    }

    private mutating func readVocabulary() throws(SyntaxError) {
        tokens.reserveCapacity(65_536, byteCount: source.count / 4)
        try forEachMember { (reader, key) throws(SyntaxError) in
            reader.tokens.append(key)
            reader.ids.append(try reader.readID())
        }
    }

    /// A unigram model's: a list of a token and its score each, an id being the place in it.
    private mutating func readScoredVocabulary() throws(SyntaxError) {
        tokens.reserveCapacity(65_536, byteCount: source.count / 4)
        try forEachElement { (reader) throws(SyntaxError) in
            try reader.expect(UInt8(ascii: "["))
            reader.tokens.append(try reader.readString())
            try reader.expect(UInt8(ascii: ","))
            reader.scores.append(try reader.readNumber())
            try reader.expect(UInt8(ascii: "]"))
            reader.ids.append(Int32(reader.ids.count))
        }
    }

    private mutating func readMerges() throws(SyntaxError) {
        merges.reserveCapacity(131_072, byteCount: source.count / 4)
        try forEachElement { (reader) throws(SyntaxError) in
            if reader.peek() == UInt8(ascii: "[") {
                var count = 0
                try reader.forEachElement { (reader) throws(SyntaxError) in
                    reader.merges.append(try reader.readString())
                    count += 1
                }
                if count != 2 { throw reader.expected("two tokens") }
                return
            }
            // The older form: both in one string, a space between them.
            let pair = try reader.readString()
            guard let space = pair.firstIndex(of: UInt8(ascii: " ")) else {
                throw reader.expected("two tokens with a space between them")
            }
            reader.merges.append(pair[..<space])
            reader.merges.append(pair[(space + 1)...])
        }
    }

    private mutating func replaceValue(
        with replacement: String, read: (inout JSONTables) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        skeleton.append(contentsOf: source[copied..<index])
        skeleton.append(contentsOf: replacement.utf8)
        try read(&self)
        copied = index
    }
}
